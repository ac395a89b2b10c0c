//! Taking a filtered list home as a file: exactly what the list shows, row after row.
//!
//! The set is fixed when the export begins: runs by their ids, read at once in the order of the list;
//! every other list by where it ended, for they are only ever added to at one end. Rows are then read a page at a time,
//! each page with a connection of its own, so nothing is held while the reader of the file is slow. A
//! row says what is so when it is read.

mod asked;
mod list;
mod rows;
mod walk;

use std::io;

use domain::{
    Timestamp,
    audit::{Draft, Object, Verb},
    export::{ExportFormat, ListName},
    permission::Permission,
};
use futures::stream::{self, BoxStream, StreamExt as _};
use serde_json::json;

pub use list::{ExportedList, ItemFilter};

use self::walk::Walk;
use super::{Caller, ServiceError, Services};
use crate::export::{About, File, MOST_ROWS};

/// A list on its way out.
pub struct Export {
    pub format: ExportFormat,
    /// ASCII letters, digits, hyphens and dots only.
    pub file_name: String,
    /// The bytes of the file. Rows are read when they are asked for.
    pub bytes: BoxStream<'static, Result<Vec<u8>, ServiceError>>,
}

impl std::fmt::Debug for Export {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Export").field("file_name", &self.file_name).finish_non_exhaustive()
    }
}

impl Services {
    /// Exports a list with its filter. That it was asked for is in the log before the first byte.
    ///
    /// # Errors
    /// `export-too-large` when the rows do not fit into a sheet.
    pub async fn export(
        &self,
        caller: Caller,
        list: ExportedList,
        format: ExportFormat,
    ) -> Result<Export, ServiceError> {
        let reading = match list.name() {
            ListName::Audit => Permission::ViewAuditLog,
            ListName::Deliveries => Permission::ViewWebhooks,
            _ => Permission::ViewRuns,
        };
        self.require(caller, reading).await?;
        self.require(caller, Permission::ExportLists).await?;
        let now = self.clock.now();
        let walk = Walk::begin(self, caller, &list).await?;
        if format == ExportFormat::Xlsx && !walk.has_at_most(MOST_ROWS).await? {
            return Err(ServiceError::conflict(
                "export-too-large",
                format!(
                    "A sheet holds {MOST_ROWS} rows and the list has more. Export it as CSV or \
                     JSONL, or narrow the filter."
                ),
            ));
        }
        let about = self.about(caller, &list, now).await?;
        self.enter(caller.workspace, exported(caller, &list, format)).await?;
        let file_name = list.file_name(now, format);
        let columns = rows::columns(list.name());
        let file = File::begin(format, about, columns).map_err(too_large)?;
        // Fused: whoever compresses what is sent asks once more after the end.
        let bytes = stream::unfold(Some((walk, file)), step).fuse().boxed();
        Ok(Export { format, file_name, bytes })
    }

    async fn about(
        &self,
        caller: Caller,
        list: &ExportedList,
        at: Timestamp,
    ) -> Result<About, ServiceError> {
        let mut session = self.store.read().await?;
        let workspaces = session.workspaces().await?;
        let workspace = workspaces.into_iter().find(|known| known.id == caller.workspace);
        let workspace = workspace.ok_or(ServiceError::NotFound("workspace"))?;
        let by = match caller.principal.member() {
            Some(id) => {
                let member = session.member(caller.workspace, id).await?;
                let member = member.ok_or(ServiceError::NotFound("member"))?;
                (Some(id.to_string()), member.name)
            }
            None => (None, "the host".to_owned()),
        };
        Ok(About {
            list: list.name(),
            filter: list.query(),
            workspace: (workspace.id.to_string(), workspace.name),
            by,
            at,
        })
    }
}

fn exported(caller: Caller, list: &ExportedList, format: ExportFormat) -> Draft {
    let object = Object::new("workspace", caller.workspace);
    let draft = Draft::new(caller.principal, Verb::ListExported, object)
        .with(json!({"list": list.name(), "filter": list.query(), "format": format}));
    match list {
        ExportedList::Items(filter) => draft.in_run(filter.run),
        _ => draft,
    }
}

type State = Option<(Walk, File)>;

/// Reads pages until there is something to send, then sends it; after an error, nothing.
async fn step(state: State) -> Option<(Result<Vec<u8>, ServiceError>, State)> {
    let (mut walk, mut file) = state?;
    loop {
        match fill(&mut walk, &mut file).await {
            Err(error) => return Some((Err(error), None)),
            Ok(more) => {
                let bytes = file.take();
                match (more, bytes.is_empty()) {
                    (true, true) => {}
                    (true, false) => return Some((Ok(bytes), Some((walk, file)))),
                    (false, _) => return Some((Ok(bytes), None)),
                }
            }
        }
    }
}

/// Writes one page of rows, or the end; answers whether there may be more.
async fn fill(walk: &mut Walk, file: &mut File) -> Result<bool, ServiceError> {
    match walk.page().await? {
        Some(page) => {
            page.each(|cells| file.row(cells)).map_err(too_large)?;
            Ok(true)
        }
        None => {
            file.end().map_err(too_large)?;
            Ok(false)
        }
    }
}

/// Writing into memory fails only where a format has a limit.
fn too_large(error: io::Error) -> ServiceError {
    ServiceError::conflict("export-too-large", format!("The file became too large: {error}."))
}
