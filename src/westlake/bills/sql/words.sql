-- How a text of a bill is read. One meaning a word; what cannot be read exactly is NULL, never a guess.

-- The words for "nothing" that providers write.
CREATE OR REPLACE MACRO word(text) AS
    CASE WHEN text IN ('', 'NULL', 'null', 'Null') THEN NULL ELSE text END;

-- An amount of money, plainly written: at most 12 digits before the point and 18 after it.
CREATE OR REPLACE MACRO is_amount(plain) AS regexp_full_match(plain, '-?[0-9]{1,12}(\.[0-9]{1,18})?');

-- The parts of a number that is not plain: whole '35', fraction '2', exponent '-7' of 35.2E-7; all '' for no number.
-- The number format of FOCUS allows digits, a point, a minus and an exponent; no plus, comma or currency sign.
CREATE OR REPLACE MACRO number_parts(text) AS
    CASE WHEN NOT is_amount(text) THEN
        regexp_extract(text, '^-?([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,3}))?$', ['whole', 'fraction', 'exponent'])
    END;

-- Digits with the point put after so many of them (or before the first), without zeros that say nothing.
CREATE OR REPLACE MACRO pointed(digits, place) AS
    coalesce(nullif(ltrim(CASE WHEN place > 0 THEN rpad(left(digits, place), place, '0') ELSE '' END, '0'), ''), '0')
    || rtrim('.' || rtrim(CASE WHEN place > 0 THEN substr(digits, place + 1) ELSE repeat('0', -place) || digits END, '0'), '.');

-- The plain text of an amount: 35.20E-7 is 0.00000352. Digits are moved, not computed with, so this is exact.
CREATE OR REPLACE MACRO plain_amount(text, parts) AS
    CASE WHEN parts IS NULL THEN text
         WHEN parts.whole <> '' THEN
             CASE WHEN text LIKE '-%' THEN '-' ELSE '' END
             || pointed(parts.whole || parts.fraction,
                        CAST(length(parts.whole) AS INTEGER) + coalesce(TRY_CAST(parts.exponent AS INTEGER), 0))
    END;

-- The amount of a plain text, or NULL. The engine's own cast would round a longer fraction away without a word.
CREATE OR REPLACE MACRO exact_amount(plain) AS
    CASE WHEN is_amount(plain) THEN TRY_CAST(plain AS DECIMAL(38, 18)) END;

-- Why an amount could not be read: not a number, finer than 18 places, or too large.
CREATE OR REPLACE MACRO amount_fault(plain) AS
    CASE WHEN plain IS NULL THEN 'W311' WHEN regexp_full_match(plain, '-?[0-9]{1,12}\.[0-9]+') THEN 'W312' ELSE 'W313' END;

-- An instant in UTC: ISO 8601 with or without T, Z, time or offset; a month; or M/D/YY as spreadsheets leave it.
-- The engine's own cast would drop an offset and take 5/1/25 for the year 5.
CREATE OR REPLACE MACRO instant(text) AS
    CASE WHEN regexp_full_match(text, '(20[0-9]{2})-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?( ?(Z|UTC))?)?')
             THEN TRY_CAST(text AS TIMESTAMP)
         WHEN regexp_full_match(text, '(20[0-9]{2})-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?[+-][0-9]{2}(:?[0-9]{2})?')
             THEN CAST(TRY_CAST(text AS TIMESTAMPTZ) AS TIMESTAMP)
         WHEN regexp_full_match(text, '[0-9]{1,2}/[0-9]{1,2}/([0-9]{2}|20[0-9]{2})( [0-9]{1,2}:[0-9]{2}(:[0-9]{2})?)?')
             THEN try_strptime(text, ['%m/%d/%y', '%m/%d/%Y', '%m/%d/%y %H:%M', '%m/%d/%Y %H:%M',
                                      '%m/%d/%y %H:%M:%S', '%m/%d/%Y %H:%M:%S'])
         WHEN regexp_full_match(text, '20[0-9]{2}-[0-9]{2}') THEN TRY_CAST(text || '-01' AS TIMESTAMP)
    END;

-- 64 bits of a text, the same on every machine and in every version (the engine's hash() is neither).
CREATE OR REPLACE MACRO mark(text) AS md5_number_lower(text);

-- A whole number divided to the nearest, ties away from zero. The divisor is positive. Nothing but whole
-- numbers: the engine's own division of decimals would turn into floating point.
CREATE OR REPLACE MACRO half_up(dividend, divisor) AS
    (2 * CAST(dividend AS HUGEINT) + sign(dividend) * CAST(divisor AS HUGEINT)) // (2 * CAST(divisor AS HUGEINT));

-- A DECIMAL(38,18) counted in 1e-18 units: its text without the point. A product could outgrow 38 digits; this can't.
CREATE OR REPLACE MACRO counted(amount) AS
    CAST(replace(CAST(CAST(amount AS DECIMAL(38, 18)) AS VARCHAR), '.', '') AS HUGEINT);

-- 1e-18 units with VAT inside, in 1e-10 units without it: units x 1e6 / (1e6 + vat) / 1e8, rounded once. Taken
-- apart for the same reason: what divides evenly, and the rest.
CREATE OR REPLACE MACRO without_vat(units, vat_ppm) AS
    CASE WHEN vat_ppm = 0 THEN half_up(units, 100000000)
         ELSE units // (CAST(1000000 + vat_ppm AS HUGEINT) * 100000000) * 1000000
              + half_up(units % (CAST(1000000 + vat_ppm AS HUGEINT) * 100000000) * 1000000,
                        CAST(1000000 + vat_ppm AS HUGEINT) * 100000000)
    END;
