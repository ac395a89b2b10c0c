//! Time-stamp tokens of an independent authority over a checkpoint (RFC 3161, RFC 5652, RFC 5816).
//!
//! They bound how far back whoever holds the log's key could rewrite it. RSA with SHA-2 and ECDSA on
//! P-256 and P-384 with SHA-256 and SHA-384 are understood.

mod algorithm;
mod certificate;
mod fields;

use der::asn1::ObjectIdentifier;
use sha2::{Digest, Sha256};

use self::{
    algorithm::{SHA256, algorithm, digest, identifier},
    certificate::Certificate,
    fields::{
        Field, Fields, GENERALIZED_TIME, INTEGER, OCTET_STRING, OID, SEQUENCE, SET, context,
        single, time,
    },
};

const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const SIGNING_CERTIFICATE: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.12");
const SIGNING_CERTIFICATE_V2: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");

/// Why a token does not prove when the checkpoint existed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimestampError {
    #[error("the time stamp cannot be read: {0}")]
    Malformed(&'static str),
    #[error("the authority refused to stamp")]
    Refused,
    #[error("the time stamp is about something else than this checkpoint")]
    OtherContent,
    #[error("the time stamp's signature is wrong")]
    BadSignature,
    #[error("the certificate of the time stamp does not come from the authority you gave")]
    Untrusted,
    #[error("the time stamp uses {0}, which is not supported")]
    Unsupported(String),
}

/// What a token proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// When the authority saw the checkpoint: RFC 3339 in UTC, with a fraction if it gave one.
    pub time: String,
    /// The nonce of the request, if it had one that [`request`] could have put there.
    pub nonce: Option<u64>,
}

/// The request to stamp these bytes (`TimeStampReq`, DER); asks for the certificate, too.
pub fn request(content: &[u8], nonce: u64) -> Vec<u8> {
    let mut number = nonce.to_be_bytes().to_vec();
    while number.len() > 1 && number[0] == 0 && number[1] < 0x80 {
        number.remove(0);
    }
    if number[0] >= 0x80 {
        number.insert(0, 0);
    }
    let name = put(SEQUENCE, &[&put(OID, &[SHA256.as_bytes()])[..], &[5, 0]]);
    let imprint = put(SEQUENCE, &[&name, &put(OCTET_STRING, &[&Sha256::digest(content)])]);
    put(SEQUENCE, &[&put(INTEGER, &[&[1]]), &imprint, &put(INTEGER, &[&number]), &[1, 1, 0xff]])
}

/// A value of less than 128 bytes.
fn put(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let length = u8::try_from(body.len()).unwrap_or(0x7f);
    [&[tag, length][..], &body].concat()
}

/// Checks a `TimeStampResp` (or a bare token) over `content` against the certificates of the authority,
/// in PEM or DER.
pub fn verify(token: &[u8], content: &[u8], authority: &[u8]) -> Result<Stamp, TimestampError> {
    let signed = signed_data(token)?;
    let stamp = stamped(signed.content, content)?;
    let anchors = certificate::load(authority)?;
    let anchors: Vec<Certificate<'_>> = anchors
        .iter()
        .map(|der| single(der, SEQUENCE).and_then(Certificate::parse))
        .collect::<Result<_, _>>()?;
    let others = signed.certificates()?;
    let signer = signed.signer(anchors.iter().chain(&others))?;
    signed.check_signature(&signer)?;
    let fit = signer.is_for_time_stamps()? && signer.is_trusted(&anchors, &others, &stamp.time)?;
    if !fit {
        return Err(TimestampError::Untrusted);
    }
    Ok(Stamp { time: readable(&stamp.time), ..stamp })
}

/// A CMS `SignedData` with one signer, as slices of its bytes.
struct SignedData<'a> {
    content: &'a [u8],
    certificates: Option<Field<'a>>,
    /// Issuer and serial number of the signer's certificate.
    signer: Field<'a>,
    digest: ObjectIdentifier,
    attributes: Field<'a>,
    algorithm: ObjectIdentifier,
    signature: &'a [u8],
}

fn signed_data(token: &[u8]) -> Result<SignedData<'_>, TimestampError> {
    let whole = single(token, SEQUENCE)?;
    let mut outer = whole.fields();
    let mut info = match outer.optional(SEQUENCE)? {
        None => whole.fields(),
        Some(status) => {
            // 0 is granted, 1 is granted with changes.
            if !matches!(status.fields().next(INTEGER)?.body, [0 | 1]) {
                return Err(TimestampError::Refused);
            }
            outer.next(SEQUENCE)?.fields()
        }
    };
    expect(info.next(OID)?, SIGNED_DATA)?;
    let mut fields = info.next(context(0))?.fields().next(SEQUENCE)?.fields();
    fields.next(INTEGER)?; // version
    fields.next(SET)?; // digests in use
    let mut inner = fields.next(SEQUENCE)?.fields();
    expect(inner.next(OID)?, TST_INFO)?;
    let content = inner.next(context(0))?.fields().next(OCTET_STRING)?.body;
    let certificates = fields.optional(context(0))?;
    fields.optional(context(1))?; // revocations
    let mut signers = fields.next(SET)?.fields();
    let mut signer = signers.next(SEQUENCE)?.fields();
    if signers.any()?.is_some() {
        return Err(TimestampError::Malformed("it has several signers"));
    }
    signer.next(INTEGER)?; // version
    Ok(SignedData {
        content,
        certificates,
        signer: signer.next(SEQUENCE)?,
        digest: algorithm(signer.next(SEQUENCE)?)?,
        attributes: signer.next(context(0))?,
        algorithm: algorithm(signer.next(SEQUENCE)?)?,
        signature: signer.next(OCTET_STRING)?.body,
    })
}

impl<'a> SignedData<'a> {
    fn certificates(&self) -> Result<Vec<Certificate<'a>>, TimestampError> {
        let mut found = Vec::new();
        let Some(field) = self.certificates else { return Ok(found) };
        let mut fields = field.fields();
        while let Some(field) = fields.any()? {
            found.push(Certificate::parse(field)?);
        }
        Ok(found)
    }

    /// The certificate that the signature names.
    fn signer<'c, 'b: 'c>(
        &self,
        mut among: impl Iterator<Item = &'c Certificate<'b>>,
    ) -> Result<Certificate<'b>, TimestampError> {
        let mut fields = self.signer.fields();
        let issuer = fields.next(SEQUENCE)?.whole;
        let serial = fields.next(INTEGER)?.body;
        let found = among.find(|found| found.issuer == issuer && found.serial == serial);
        found.copied().ok_or(TimestampError::Untrusted)
    }

    fn attribute(&self, wanted: ObjectIdentifier) -> Result<Option<Field<'a>>, TimestampError> {
        let mut attributes = self.attributes.fields();
        while let Some(attribute) = attributes.any()? {
            let mut fields = attribute.fields();
            if identifier(fields.next(OID)?)? == wanted {
                return fields.next(SET)?.fields().any();
            }
        }
        Ok(None)
    }

    /// Checks that the signature is over this content, by this certificate and no other.
    fn check_signature(&self, signer: &Certificate<'_>) -> Result<(), TimestampError> {
        let missing = TimestampError::Malformed("a signed attribute is missing");
        expect(self.attribute(CONTENT_TYPE)?.ok_or(missing.clone())?, TST_INFO)?;
        let found = digest(self.digest, self.content)?;
        if self.attribute(MESSAGE_DIGEST)?.ok_or(missing)?.body != found.as_ref() {
            return Err(TimestampError::BadSignature);
        }
        if !self.names(signer)? {
            return Err(TimestampError::Untrusted);
        }
        // What is signed is the set of attributes under its own tag, not the tag it is sent with.
        let message = [&[SET][..], &self.attributes.whole[1..]].concat();
        algorithm::verify(signer.key, self.algorithm, self.digest, &message, self.signature)
    }

    /// Do the signed attributes name this certificate by its digest?
    fn names(&self, signer: &Certificate<'_>) -> Result<bool, TimestampError> {
        let first = |field: Field<'a>| field.fields().next(SEQUENCE)?.fields().next(SEQUENCE);
        if let Some(field) = self.attribute(SIGNING_CERTIFICATE_V2)? {
            let mut fields = first(field)?.fields();
            let named = fields.optional(SEQUENCE)?.map_or(Ok(SHA256), algorithm)?;
            let found = digest(named, signer.whole)?;
            return Ok(fields.next(OCTET_STRING)?.body == found.as_ref());
        }
        let Some(field) = self.attribute(SIGNING_CERTIFICATE)? else { return Ok(false) };
        let sha1 = &ring::digest::SHA1_FOR_LEGACY_USE_ONLY;
        let found = ring::digest::digest(sha1, signer.whole);
        Ok(first(field)?.fields().next(OCTET_STRING)?.body == found.as_ref())
    }
}

/// Reads `TSTInfo` and checks that it is about `content`.
fn stamped(info: &[u8], content: &[u8]) -> Result<Stamp, TimestampError> {
    let mut fields = single(info, SEQUENCE)?.fields();
    fields.next(INTEGER)?; // version
    fields.next(OID)?; // policy
    let mut imprint = fields.next(SEQUENCE)?.fields();
    let name = algorithm(imprint.next(SEQUENCE)?)?;
    let same = imprint.next(OCTET_STRING)?.body == Sha256::digest(content).as_slice();
    if name != SHA256 || !same {
        return Err(TimestampError::OtherContent);
    }
    fields.next(INTEGER)?; // serial number
    let time = time(fields.next(GENERALIZED_TIME)?)?;
    let mut nonce = None;
    while let Some(field) = fields.any()? {
        if field.tag == INTEGER {
            nonce = number(field.body);
        }
    }
    Ok(Stamp { time, nonce })
}

/// A big-endian number, if 64 bits hold it.
fn number(bytes: &[u8]) -> Option<u64> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let digits = &bytes[zeros..];
    (digits.len() <= 8).then(|| digits.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
}

fn expect(field: Field<'_>, wanted: ObjectIdentifier) -> Result<(), TimestampError> {
    let mut fields = Fields(field.whole);
    if identifier(fields.next(OID)?)? == wanted {
        Ok(())
    } else {
        Err(TimestampError::Malformed("it is another kind of message"))
    }
}

/// `20260701093000.5` as `2026-07-01T09:30:00.5Z`.
fn readable(time: &str) -> String {
    let part = |from: usize, to: usize| time.get(from..to).unwrap_or_default();
    let (date, clock) = ([part(0, 4), part(4, 6), part(6, 8)], [part(8, 10), part(10, 12)]);
    format!("{}T{}:{}Z", date.join("-"), clock.join(":"), time.get(12..).unwrap_or_default())
}
