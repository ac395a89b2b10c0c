//! Registers and their records: looking them up, and importing them from files.

mod csv;
mod file;
mod import;
mod ndjson;
mod part;

use domain::{
    id::RecordId,
    page::{Page, Seek},
    permission::Permission,
    record::{Record, RecordRef},
};

pub use file::{LARGEST_FILE, RecordFormat};
pub use import::{ImportReport, Imported, LARGEST_TEXT, RecordFile};

use super::{Caller, ServiceError, Services};
use crate::store::{RecordFilter, RegisterSize};

impl Services {
    /// Every register of the workspace with its number of records.
    pub async fn registers(&self, caller: Caller) -> Result<Vec<RegisterSize>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        Ok(session.registers(caller.workspace).await?)
    }

    /// A page of a register, newest records first.
    pub async fn list_records(
        &self,
        caller: Caller,
        filter: &RecordFilter,
        seek: Seek,
        size: i64,
    ) -> Result<Page<Record>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        Ok(session.list_records(caller.workspace, filter, seek, size).await?)
    }

    pub async fn record(&self, caller: Caller, id: RecordId) -> Result<Record, ServiceError> {
        let found =
            self.reading(caller, Permission::ViewRuns).await?.record(caller.workspace, id).await?;
        found.ok_or(ServiceError::NotFound("record"))
    }

    /// A record by its kind and key: where a deep link leads.
    pub async fn record_by_ref(
        &self,
        caller: Caller,
        reference: &RecordRef,
    ) -> Result<Record, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        let found = session.record_by_ref(caller.workspace, reference).await?;
        found.ok_or(ServiceError::NotFound("record"))
    }
}
