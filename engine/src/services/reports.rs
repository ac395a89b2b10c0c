//! Reading run reports.

use domain::{id::RunId, permission::Permission, report::RunReport};

use super::{Caller, ServiceError, Services};

impl Services {
    /// Every revision of a run's report, the first one first; none while its first round goes on.
    pub async fn run_reports(
        &self,
        caller: Caller,
        run: RunId,
    ) -> Result<Vec<RunReport>, ServiceError> {
        let mut session = self.reading(caller, Permission::ViewRuns).await?;
        session.run(caller.workspace, run).await?.ok_or(ServiceError::NotFound("run"))?;
        Ok(session.reports_of_run(caller.workspace, run).await?)
    }
}
