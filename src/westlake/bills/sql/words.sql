-- How a text of a bill is read. One meaning a word; what cannot be read exactly is NULL, never a guess.

-- The words for "nothing" that providers write.
CREATE OR REPLACE MACRO word(text) AS
    CASE WHEN text IN ('', 'NULL', 'null', 'Null') THEN NULL ELSE text END;

-- What the number format of FOCUS allows: 12, -0.5, 35.2E-7. No plus sign, comma or currency sign.
CREATE OR REPLACE MACRO is_number(text) AS
    regexp_full_match(text, '-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?');

-- The decimal point moved `shift` places: ('35', '2', -7) is 0.00000352. Digits only, so exact.
CREATE OR REPLACE MACRO point_moved(whole, fraction, shift) AS
    CASE WHEN shift < -60 OR shift > 60 THEN NULL
         WHEN length(whole) + shift <= 0 THEN '0.' || repeat('0', -(length(whole) + shift)) || whole || fraction
         WHEN shift >= length(fraction) THEN whole || fraction || repeat('0', shift - length(fraction))
         ELSE left(whole || fraction, length(whole) + shift) || '.' || substr(whole || fraction, length(whole) + shift + 1)
    END;

-- A number without its exponent, without zeros that say nothing: 35.20E-7 is 0.00000352.
CREATE OR REPLACE MACRO plain_number(text) AS
    CASE WHEN is_number(text) THEN
        CASE WHEN text LIKE '-%' THEN '-' ELSE '' END
        || regexp_replace(regexp_replace(
               point_moved(regexp_extract(text, '([0-9]+)', 1), regexp_extract(text, '\.([0-9]+)', 1),
                           CAST(coalesce(nullif(regexp_extract(text, '[eE]([+-]?[0-9]+)', 1), ''), '0') AS INTEGER)),
               '^0+([0-9])', '\1'), '(\.[0-9]*?)0+$', '\1')
    END;

-- An amount of money is at most 12 digits before the point and 18 after it.
CREATE OR REPLACE MACRO is_amount(plain) AS regexp_full_match(plain, '-?[0-9]{1,12}(\.[0-9]{0,18})?');

-- The plain text of an amount, most of which are plain already.
CREATE OR REPLACE MACRO plain_amount(text) AS
    CASE WHEN is_amount(text) AND NOT text LIKE '%.' THEN text ELSE plain_number(text) END;

-- The amount of a plain text, or NULL. The engine's own cast would round a longer fraction away without a word.
CREATE OR REPLACE MACRO exact_amount(plain) AS
    CASE WHEN is_amount(plain) THEN TRY_CAST(plain AS DECIMAL(38, 18)) END;

-- Why an amount could not be read: not a number, finer than 18 places, or too large.
CREATE OR REPLACE MACRO amount_fault(text, plain) AS
    CASE WHEN text IS NULL OR NOT is_number(text) THEN 'W311'
         WHEN regexp_full_match(plain, '-?[0-9]{1,12}\.[0-9]+') OR regexp_full_match(text, '-?[0-9.]+[eE]-.*') THEN 'W312'
         ELSE 'W313'
    END;

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

-- A DECIMAL(38,18) counted in 1e-18 units.
CREATE OR REPLACE MACRO counted(amount) AS
    CAST(replace(CAST(CAST(amount AS DECIMAL(38, 18)) AS VARCHAR), '.', '') AS HUGEINT);
