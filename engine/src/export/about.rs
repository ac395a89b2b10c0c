//! What an exported file says of itself.

use domain::{Timestamp, audit::instant, export::ListName};

/// Who took which list home, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct About {
    pub list: ListName,
    /// The filter as a query string; empty when nothing narrows the list.
    pub filter: String,
    /// Id and name.
    pub workspace: (String, String),
    /// Id and name; the host's command line has no id.
    pub by: (Option<String>, String),
    pub at: Timestamp,
}

impl About {
    /// Everything by its name, in the order to show.
    pub(crate) fn facts(&self) -> [(&'static str, String); 7] {
        [
            ("list", self.list.to_string()),
            ("filter", self.filter.clone()),
            ("workspace", self.workspace.0.clone()),
            ("workspace_name", self.workspace.1.clone()),
            ("exported_by", self.by.0.clone().unwrap_or_else(|| "host".to_owned())),
            ("exported_by_name", self.by.1.clone()),
            ("exported_at", instant(self.at)),
        ]
    }

    /// The same in one sentence.
    pub(crate) fn sentence(&self) -> String {
        let filter = if self.filter.is_empty() { "everything" } else { &self.filter };
        let (workspace, name) = (&self.workspace.0, &self.workspace.1);
        let by = match &self.by.0 {
            Some(id) => format!("{} ({id})", self.by.1),
            None => self.by.1.clone(),
        };
        format!(
            "The list {} of workspace {name} ({workspace}), filter: {filter}, exported by {by} at {}",
            self.list,
            instant(self.at)
        )
    }
}
