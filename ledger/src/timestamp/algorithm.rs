//! Digests and signatures by their names in DER.

use der::asn1::ObjectIdentifier;
use ring::{
    digest::{self, Digest},
    signature::{self, UnparsedPublicKey, VerificationAlgorithm},
};

use super::{
    TimestampError,
    fields::{BIT_STRING, Field, OID, SEQUENCE},
};

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

pub(super) const SHA256: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.1");
const SHA384: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.2");
const SHA512: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.3");
const RSA: ObjectIdentifier = oid("1.2.840.113549.1.1.1");
const RSA_SHA256: ObjectIdentifier = oid("1.2.840.113549.1.1.11");
const RSA_SHA384: ObjectIdentifier = oid("1.2.840.113549.1.1.12");
const RSA_SHA512: ObjectIdentifier = oid("1.2.840.113549.1.1.13");
const EC: ObjectIdentifier = oid("1.2.840.10045.2.1");
const ECDSA_SHA256: ObjectIdentifier = oid("1.2.840.10045.4.3.2");
const ECDSA_SHA384: ObjectIdentifier = oid("1.2.840.10045.4.3.3");
const P256: ObjectIdentifier = oid("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = oid("1.3.132.0.34");

/// The object identifier in a field.
pub(super) fn identifier(field: Field<'_>) -> Result<ObjectIdentifier, TimestampError> {
    ObjectIdentifier::from_bytes(field.body)
        .map_err(|_| TimestampError::Malformed("an identifier cannot be read"))
}

/// The algorithm that an `AlgorithmIdentifier` names.
pub(super) fn algorithm(field: Field<'_>) -> Result<ObjectIdentifier, TimestampError> {
    identifier(field.fields().next(OID)?)
}

/// The digest of some bytes by the algorithm of this name.
pub(super) fn digest(name: ObjectIdentifier, bytes: &[u8]) -> Result<Digest, TimestampError> {
    let algorithm = match name {
        SHA256 => &digest::SHA256,
        SHA384 => &digest::SHA384,
        SHA512 => &digest::SHA512,
        _ => return Err(TimestampError::Unsupported(name.to_string())),
    };
    Ok(digest::digest(algorithm, bytes))
}

/// Checks a signature. `key` is a SubjectPublicKeyInfo; `hash` is the digest that the signature's
/// algorithm does not name itself.
pub(super) fn verify(
    key: Field<'_>,
    name: ObjectIdentifier,
    hash: ObjectIdentifier,
    message: &[u8],
    signature: &[u8],
) -> Result<(), TimestampError> {
    let mut fields = key.fields();
    let mut kind = fields.next(SEQUENCE)?.fields();
    let public = fields.next(BIT_STRING)?.body.split_first();
    let public = public.ok_or(TimestampError::Malformed("a key is empty"))?.1;
    let family = identifier(kind.next(OID)?)?;
    let curve = if family == EC { Some(identifier(kind.next(OID)?)?) } else { None };
    let algorithm = chosen(family, curve, name, hash)
        .ok_or_else(|| TimestampError::Unsupported(name.to_string()))?;
    UnparsedPublicKey::new(algorithm, public)
        .verify(message, signature)
        .map_err(|_| TimestampError::BadSignature)
}

fn chosen(
    family: ObjectIdentifier,
    curve: Option<ObjectIdentifier>,
    name: ObjectIdentifier,
    hash: ObjectIdentifier,
) -> Option<&'static dyn VerificationAlgorithm> {
    let hash = match name {
        RSA | EC => hash,
        RSA_SHA256 | ECDSA_SHA256 => SHA256,
        RSA_SHA384 | ECDSA_SHA384 => SHA384,
        RSA_SHA512 => SHA512,
        _ => return None,
    };
    Some(match (family, curve, hash) {
        (RSA, None, SHA256) => &signature::RSA_PKCS1_2048_8192_SHA256,
        (RSA, None, SHA384) => &signature::RSA_PKCS1_2048_8192_SHA384,
        (RSA, None, SHA512) => &signature::RSA_PKCS1_2048_8192_SHA512,
        (EC, Some(P256), SHA256) => &signature::ECDSA_P256_SHA256_ASN1,
        (EC, Some(P256), SHA384) => &signature::ECDSA_P256_SHA384_ASN1,
        (EC, Some(P384), SHA256) => &signature::ECDSA_P384_SHA256_ASN1,
        (EC, Some(P384), SHA384) => &signature::ECDSA_P384_SHA384_ASN1,
        _ => return None,
    })
}
