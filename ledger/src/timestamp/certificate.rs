//! As much of X.509 as the certificate of a time-stamp authority needs.

use der::asn1::ObjectIdentifier;

use super::{
    TimestampError,
    algorithm::{algorithm, identifier, verify},
    fields::{BIT_STRING, Field, INTEGER, OCTET_STRING, OID, SEQUENCE, context, single, time},
};
use crate::text::from_base64;

const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");
const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
const TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");

/// The longest chain from the signer to a trusted certificate.
const MAX_CHAIN: usize = 6;

/// A certificate, as slices of its bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Certificate<'a> {
    pub whole: &'a [u8],
    body: &'a [u8],
    pub serial: &'a [u8],
    pub issuer: &'a [u8],
    subject: &'a [u8],
    pub key: Field<'a>,
    validity: Field<'a>,
    extensions: Option<Field<'a>>,
    algorithm: Field<'a>,
    signature: &'a [u8],
}

impl<'a> Certificate<'a> {
    pub(super) fn parse(field: Field<'a>) -> Result<Self, TimestampError> {
        let mut outer = field.fields();
        let body = outer.next(SEQUENCE)?;
        let algorithm = outer.next(SEQUENCE)?;
        let signature = outer.next(BIT_STRING)?.body.split_first();
        let signature = signature.ok_or(TimestampError::Malformed("a signature is empty"))?.1;
        let mut fields = body.fields();
        fields.optional(context(0))?; // version
        let serial = fields.next(INTEGER)?.body;
        fields.next(SEQUENCE)?; // the signature's algorithm once more
        let issuer = fields.next(SEQUENCE)?.whole;
        let validity = fields.next(SEQUENCE)?;
        let subject = fields.next(SEQUENCE)?.whole;
        let key = fields.next(SEQUENCE)?;
        let mut extensions = None;
        while let Some(field) = fields.any()? {
            if field.tag == context(3) {
                extensions = Some(field.fields().next(SEQUENCE)?);
            }
        }
        let (whole, body) = (field.whole, body.whole);
        Ok(Self {
            whole,
            body,
            serial,
            issuer,
            subject,
            key,
            validity,
            extensions,
            algorithm,
            signature,
        })
    }

    /// The contents of an extension, and whether it is critical.
    fn extension(
        &self,
        wanted: ObjectIdentifier,
    ) -> Result<Option<(Field<'a>, bool)>, TimestampError> {
        let Some(extensions) = self.extensions else { return Ok(None) };
        let mut extensions = extensions.fields();
        while let Some(extension) = extensions.any()? {
            let mut fields = extension.fields();
            let name = identifier(fields.next(OID)?)?;
            let critical = fields.optional(0x01)?.is_some_and(|flag| flag.body == [0xff]);
            let value = fields.next(OCTET_STRING)?;
            if name == wanted {
                return Ok(Some((single(value.body, SEQUENCE)?, critical)));
            }
        }
        Ok(None)
    }

    /// May it sign time stamps, and nothing else (RFC 3161, section 2.3)?
    pub(super) fn is_for_time_stamps(&self) -> Result<bool, TimestampError> {
        let Some((usages, true)) = self.extension(EXTENDED_KEY_USAGE)? else { return Ok(false) };
        let mut usages = usages.fields();
        let only = identifier(usages.next(OID)?)? == TIME_STAMPING;
        Ok(only && usages.any()?.is_none())
    }

    /// May it sign certificates?
    fn is_authority(&self) -> Result<bool, TimestampError> {
        let Some((constraints, _)) = self.extension(BASIC_CONSTRAINTS)? else { return Ok(false) };
        Ok(constraints.fields().optional(0x01)?.is_some_and(|flag| flag.body == [0xff]))
    }

    /// Was it valid at a time, given as fourteen digits and a fraction?
    fn valid_at(&self, at: &str) -> Result<bool, TimestampError> {
        let mut fields = self.validity.fields();
        let malformed = TimestampError::Malformed("a certificate without validity");
        let begin = time(fields.any()?.ok_or(malformed.clone())?)?;
        let end = time(fields.any()?.ok_or(malformed)?)?;
        let second = at.get(..14).unwrap_or_default();
        Ok(begin.as_str() <= second && second <= end.as_str())
    }

    fn signed_by(&self, issuer: &Certificate<'_>) -> Result<bool, TimestampError> {
        if self.issuer != issuer.subject {
            return Ok(false);
        }
        let name = algorithm(self.algorithm)?;
        Ok(verify(issuer.key, name, name, self.body, self.signature).is_ok())
    }

    /// Does a chain of certificates, all valid at that time, lead from here to a trusted one?
    pub(super) fn is_trusted(
        &self,
        trusted: &[Certificate<'_>],
        others: &[Certificate<'_>],
        at: &str,
    ) -> Result<bool, TimestampError> {
        let mut current = *self;
        for _ in 0..MAX_CHAIN {
            if !current.valid_at(at)? {
                return Ok(false);
            }
            for anchor in trusted {
                let same = anchor.whole == current.whole;
                if same || (current.signed_by(anchor)? && anchor.valid_at(at)?) {
                    return Ok(true);
                }
            }
            let mut next = None;
            for other in others {
                let another = other.whole != current.whole;
                if another && other.is_authority()? && current.signed_by(other)? {
                    next = Some(*other);
                    break;
                }
            }
            let Some(next) = next else { return Ok(false) };
            current = next;
        }
        Ok(false)
    }
}

/// The DER of the certificates in a file, which is PEM or DER itself.
pub(super) fn load(file: &[u8]) -> Result<Vec<Vec<u8>>, TimestampError> {
    if file.first() == Some(&SEQUENCE) {
        return Ok(vec![file.to_vec()]);
    }
    let malformed = TimestampError::Malformed("the authority's file holds no certificate");
    let text = std::str::from_utf8(file).map_err(|_| malformed.clone())?;
    let mut found = Vec::new();
    for block in text.split("-----BEGIN CERTIFICATE-----").skip(1) {
        let body = block.split("-----END CERTIFICATE-----").next().unwrap_or_default();
        let body: String = body.split_ascii_whitespace().collect();
        found.push(from_base64(&body).ok_or(malformed.clone())?);
    }
    if found.is_empty() { Err(malformed) } else { Ok(found) }
}
