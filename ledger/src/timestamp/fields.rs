//! Walking through DER without copying: what is signed must be the bytes that were received.

use der::{Decode, asn1::AnyRef};

use super::TimestampError;

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const GENERALIZED_TIME: u8 = 0x18;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;
/// The constructed context-specific tag of this number.
pub(super) const fn context(number: u8) -> u8 {
    0xa0 | number
}

/// One value: its tag, its bytes with and without the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field<'a> {
    pub tag: u8,
    pub whole: &'a [u8],
    pub body: &'a [u8],
}

impl<'a> Field<'a> {
    /// The values inside.
    pub(super) fn fields(self) -> Fields<'a> {
        Fields(self.body)
    }
}

/// Values one after the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a>(pub &'a [u8]);

impl<'a> Fields<'a> {
    /// The next value, whatever it is.
    pub(super) fn any(&mut self) -> Result<Option<Field<'a>>, TimestampError> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let malformed = |_| TimestampError::Malformed("it is not DER");
        let (value, rest) = AnyRef::from_der_partial(self.0).map_err(malformed)?;
        let whole = &self.0[..self.0.len() - rest.len()];
        self.0 = rest;
        Ok(Some(Field { tag: whole[0], whole, body: value.value() }))
    }

    /// The next value, which must have this tag.
    pub(super) fn next(&mut self, tag: u8) -> Result<Field<'a>, TimestampError> {
        match self.any()? {
            Some(field) if field.tag == tag => Ok(field),
            _ => Err(TimestampError::Malformed("a part is missing or of another kind")),
        }
    }

    /// The next value if it has this tag.
    pub(super) fn optional(&mut self, tag: u8) -> Result<Option<Field<'a>>, TimestampError> {
        if self.0.first() == Some(&tag) { self.any() } else { Ok(None) }
    }
}

/// Reads bytes that are one value and nothing more.
pub(super) fn single(bytes: &[u8], tag: u8) -> Result<Field<'_>, TimestampError> {
    let mut fields = Fields(bytes);
    let field = fields.next(tag)?;
    if fields.0.is_empty() {
        Ok(field)
    } else {
        Err(TimestampError::Malformed("something follows after its end"))
    }
}

/// A GeneralizedTime or UTCTime as `20260701093000` and what follows of a fraction.
pub(super) fn time(field: Field<'_>) -> Result<String, TimestampError> {
    let wrong = TimestampError::Malformed("a time is not in UTC");
    let text = std::str::from_utf8(field.body).map_err(|_| wrong.clone())?;
    let Some(digits) = text.strip_suffix('Z') else { return Err(wrong) };
    let century = match (field.tag == GENERALIZED_TIME, digits.get(..2)) {
        (true, _) => "",
        (false, Some(year)) if year >= "50" => "19",
        (false, _) => "20",
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let numbers = whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
    if !numbers || century.len() + whole.len() != 14 {
        return Err(wrong);
    }
    Ok(format!("{century}{digits}"))
}
