-- What the rows of a file were paid with, by currency: only cash is spent by the firm; coupons, vouchers and
-- stored-value cards are told apart from it.
--   <payable>, <cash>, <other>, <owed>  amounts as text, from the format's mapping file;  <currency>  likewise
--   <target>  where the table goes
COPY (
    WITH part AS (
        SELECT {currency} AS currency, CAST({payable} AS DECIMAL(38, 18)) AS payable,
               CAST({cash} AS DECIMAL(38, 18)) AS cash, CAST({other} AS DECIMAL(38, 18)) AS other,
               CAST({owed} AS DECIMAL(38, 18)) AS owed
        FROM raw
        WHERE fault IS NULL
    )
    SELECT coalesce(currency, '') AS currency, sum(payable) AS payable, sum(cash) AS cash, sum(other) AS other,
           sum(owed) AS owed, count(*) FILTER (abs(payable - cash - other - owed) >= 0.01) AS off
    FROM part
    GROUP BY coalesce(currency, '')
) TO '{target}' (FORMAT parquet, COMPRESSION zstd)
