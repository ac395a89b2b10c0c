//! Which lists can be taken home, and in which formats.

use crate::words;

words! {
    /// A list that can be exported with its filter.
    ListName {
        Runs = "runs",
        /// The items of one run.
        Items = "items",
        Approvals = "approvals",
        /// The records of one register.
        Records = "records",
        /// The entries of the audit log.
        Audit = "audit",
        Incidents = "incidents",
        /// Trigger events.
        Events = "events",
        /// What was sent to webhooks.
        Deliveries = "deliveries",
    }
}

words! {
    /// How an exported list is written.
    ExportFormat {
        /// For spreadsheets and stock tools. Text that a spreadsheet might run is altered.
        Csv = "csv",
        /// The record: every value as it is.
        Jsonl = "jsonl",
        /// For spreadsheets; everything but numbers is text.
        Xlsx = "xlsx",
    }
}

impl ExportFormat {
    /// The media type of a file in this format.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Jsonl => "application/jsonl; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}
