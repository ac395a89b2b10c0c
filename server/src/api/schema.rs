//! The small types that answers are made of, each with its schema: ids, words, instants. Domain types
//! know nothing of OpenAPI.

use std::borrow::Cow;

use domain::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        KnownFormat, ObjectBuilder, RefOr, SchemaFormat,
        schema::{Schema, SchemaType, Type},
    },
};

/// A text.
fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::Type(Type::String))
}

/// Makes types that wrap one of the domain's and have a schema.
macro_rules! wrappers {
    ($($name:ident($inner:ty) = $schema:expr;)+) => {$(
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl From<$inner> for $name {
            fn from(inner: $inner) -> Self {
                Self(inner)
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                RefOr::T(Schema::Object($schema.build()))
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }
        }
    )+};
}

/// An id: its TypeID, or its plain UUID where one is sent.
fn id(what: &str, prefix: &str) -> ObjectBuilder {
    text()
        .description(Some(format!("The id of a {what}. A plain UUID is accepted, too.")))
        .pattern(Some(format!("^({prefix}_[0-9a-z]{{26}}|[0-9a-fA-F-]{{32,36}})$")))
        .examples([format!("{prefix}_01k6xw3v5te8ds8yb3p96fx2kq")])
}

macro_rules! ids {
    ($($name:ident $what:literal;)+) => {
        wrappers! {$(
            $name(domain::id::$name) = id($what, domain::id::$name::PREFIX);
        )+}
    };
}

ids! {
    WorkspaceId "workspace";
    MemberId "member";
    AutomationId "automation";
    TriggerEventId "trigger event";
    RunId "run";
    ItemId "run item";
    AttemptId "attempt";
    ApprovalId "approval";
    RecordId "record";
    BundleId "bundle";
    TokenId "token";
    HoldId "hold";
    WindowId "window";
    KillSwitchId "kill switch";
    PolicyId "policy";
    WebhookId "webhook";
    InboundId "inbound endpoint";
    DeliveryId "delivery";
    DeliveryAttemptId "delivery attempt";
    SigningSecretId "signing secret";
    IncidentId "incident";
    ReportId "run report";
}

macro_rules! words {
    ($($name:ident($inner:ty);)+) => {
        wrappers! {$(
            $name($inner) = text().enum_values(Some(<$inner>::ALL.iter().map(|word| word.as_str())));
        )+}
    };
}

words! {
    RunStatus(domain::run::RunStatus);
    ItemState(domain::item::ItemState);
    SkipReason(domain::item::SkipReason);
    ReplayEvidence(domain::item::ReplayEvidence);
    AttemptEnd(domain::attempt::AttemptEnd);
    RunConcern(domain::concern::Concern);
    TriggerKind(domain::trigger::TriggerKind);
    ImportMode(domain::record::ImportMode);
    FailureKind(domain::problem::FailureKind);
    OnItemFailure(domain::automation::OnItemFailure);
    Every(domain::budget::Every);
    ApprovalKind(domain::approval::ApprovalKind);
    ApprovalStatus(domain::approval::ApprovalStatus);
    OnExpiry(domain::approval::OnExpiry);
    Verdict(domain::approval::Verdict);
    PolicyEffect(domain::policy::Effect);
    PlanVerdict(domain::retry::PlanVerdict);
    BundleStatus(domain::bundle::BundleStatus);
    Role(domain::member::Role);
    Permission(domain::permission::Permission);
    Verb(domain::audit::Verb);
    IncidentType(domain::incident::IncidentType);
    Severity(domain::incident::Severity);
    IncidentCause(domain::incident::Cause);
    Phase(domain::incident::Phase);
    Policy(domain::incident::Policy);
    Standing(domain::incident::Standing);
    ReportOutcome(domain::report::ReportOutcome);
    RunKind(domain::reported::RunKind);
    HealthStatus(domain::health::Standing);
    HealthStep(domain::health::Step);
    HealthUnit(domain::health::Unit);
    AnomalyType(domain::health::AnomalyType);
    StepStatus(domain::reported::StepStatus);
    ToldOutcome(domain::reported::Outcome);
    EventKind(domain::webhook::EventKind);
    InboundCheck(domain::inbound::InboundCheck);
    InboundRefusal(domain::inbound::InboundRefusal);
    DeliveryState(domain::webhook::DeliveryState);
    DisabledBecause(domain::webhook::DisabledBecause);
}

wrappers! {
    Time(Timestamp) = text()
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
        .description(Some("An instant, RFC 3339 in UTC"));
    Day(chrono::NaiveDate) = text()
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
        .description(Some("A day in UTC"));
    StatementType(String) = text().enum_values(Some(domain::reported::Fact::WORDS));
    Document(Value) = ObjectBuilder::new()
        .schema_type(SchemaType::AnyValue)
        .description(Some("Any JSON"));
}

/// Milliseconds as seconds.
pub fn seconds(millis: i64) -> f64 {
    millis as f64 / 1_000.0
}

/// One of the words of a filter.
pub struct Words<T>(std::marker::PhantomData<T>);

macro_rules! filter_words {
    ($($inner:ty),+) => {$(
        impl PartialSchema for Words<$inner> {
            fn schema() -> RefOr<Schema> {
                let words = <$inner>::ALL.iter().map(|word| word.as_str());
                RefOr::T(Schema::Object(text().enum_values(Some(words)).build()))
            }
        }
    )+};
}

filter_words!(
    domain::filter::TimeBasis,
    domain::filter::Order,
    domain::health::Compare,
    domain::export::ExportFormat,
    domain::export::ListName
);

/// One id, or none.
pub fn maybe<T, U: From<T>>(found: Option<T>) -> Option<U> {
    found.map(U::from)
}
