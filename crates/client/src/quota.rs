//! The platform's own counters of calls (`platform/01 §6`).

use wire::Endpoint;
use wire::quota::{ClearQuotaRequest, QuotaAnswer, QuotaRequest};

use crate::{Client, Error};

impl Client {
    /// Asks how many calls of `endpoint` the platform counted today, and takes its numbers over
    /// into the budgets.
    ///
    /// # Errors
    /// As any safe call; 76021 for an endpoint without a counter.
    pub async fn quota_get(&self, endpoint: Endpoint) -> Result<QuotaAnswer, Error> {
        let request = QuotaRequest { cgi_path: endpoint.path().to_owned() };
        let answer = self.post(Endpoint::QuotaGet, &request).await?;
        self.budgets().sync_from(endpoint, &answer);
        Ok(answer)
    }

    /// Sets all counters of the day back to zero; ten times a month for one account.
    ///
    /// # Errors
    /// 48006 when the month's ten are used up. In doubt it is not repeated here.
    pub async fn clear_quota(&self) -> Result<(), Error> {
        let request = ClearQuotaRequest { appid: self.appid().clone() };
        self.tell(Endpoint::ClearQuota, &request).await?;
        self.budgets().cleared();
        Ok(())
    }
}
