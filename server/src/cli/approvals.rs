//! `assize approvals`: what waits for a person, and the decision.

use domain::{approval::ApprovalStatus, id::ApprovalId};
use serde_json::{Value, json};

use super::{
    CliError, Global,
    asked::{Paging, Query},
    door::Door,
    output::{is_narrow, more, rows, show, table, time, word},
};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List approvals, longest waiting first
    List {
        /// open, approved, dismissed …
        #[arg(long, default_value = "open")]
        status: ApprovalStatus,
        #[command(flatten)]
        page: Paging,
    },
    /// Show one approval: the exact action, and the decisions so far
    Show {
        /// Its id
        approval: ApprovalId,
    },
    /// Let exactly this action be done
    Approve {
        /// Its id
        approval: ApprovalId,
        /// The digest of the action, as it was shown
        #[arg(long)]
        digest: String,
        /// Why
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Have nothing done
    Dismiss {
        /// Its id
        approval: ApprovalId,
        /// The digest of the action, as it was shown
        #[arg(long)]
        digest: String,
        /// Why
        #[arg(long)]
        reason: String,
    },
}

pub async fn run(global: &Global, command: Command) -> Result<(), CliError> {
    let door = Door::open(global).await?;
    match command {
        Command::List { status, page } => {
            let query = Query::default().with("status", [status]).page(page);
            show(global.format, &door.get(&format!("/approvals{query}")).await?, page_text)
        }
        Command::Show { approval } => {
            show(global.format, &door.get(&format!("/approvals/{approval}")).await?, text)
        }
        Command::Approve { approval, digest, reason } => {
            decide(global, &door, approval, "approve", &digest, &reason).await
        }
        Command::Dismiss { approval, digest, reason } => {
            decide(global, &door, approval, "dismiss", &digest, &reason).await
        }
    }
}

/// The digest says which action was looked at: what changed since then is not decided by accident.
async fn decide(
    global: &Global,
    door: &Door,
    approval: ApprovalId,
    verdict: &str,
    digest: &str,
    reason: &str,
) -> Result<(), CliError> {
    if door.here().is_some() {
        let why =
            "approvals are decided by members: name a server with --server, and a member's --token";
        return Err(CliError::Usage(why.to_owned()));
    }
    let decision = json!({"verdict": verdict, "action_digest": digest, "reason": reason});
    let path = format!("/approvals/{approval}/decisions");
    show(global.format, &door.post(&path, &decision).await?, text)
}

fn page_text(list: &Value) -> String {
    let table = match is_narrow() {
        true => {
            let narrow =
                |[approval, status, _, _, question]: [String; 5]| [approval, status, question];
            table(["approval", "status", "question"], rows(list).map(cells).map(narrow))
        }
        false => {
            let headings = ["approval", "status", "requested", "expires", "question"];
            table(headings, rows(list).map(cells))
        }
    };
    table + &more(list)
}

fn cells(approval: &Value) -> [String; 5] {
    [
        word(&approval["id"]),
        word(&approval["status"]),
        time(&approval["requested_at"]),
        time(&approval["expires_at"]),
        word(&approval["question"]),
    ]
}

fn text(detail: &Value) -> String {
    let approval = &detail["approval"];
    let mut text = format!(
        "{}  {}\n{}\nrequested {}, expires {}\nrun {}, item {}\naction {} {}\ndigest {}\n",
        word(&approval["id"]),
        word(&approval["status"]),
        word(&approval["question"]),
        time(&approval["requested_at"]),
        time(&approval["expires_at"]),
        word(&approval["run"]),
        word(&approval["item"]),
        word(&approval["actioner"]),
        approval["parameters"],
        word(&approval["action_digest"]),
    );
    for decision in detail["decisions"].as_array().into_iter().flatten() {
        text += &format!(
            "{} by {} at {}: {}\n",
            word(&decision["verdict"]),
            word(&decision["member"]),
            time(&decision["decided_at"]),
            word(&decision["reason"]),
        );
    }
    text
}
