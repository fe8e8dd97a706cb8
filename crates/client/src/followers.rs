//! Followers: who they are and what the platform tells of them (`platform/07 §2–4`).

use wire::user::{BatchGetAnswer, BatchGetItem, BatchGetRequest, FollowerPage, UserInfo};
use wire::{Endpoint, OpenId};

use crate::call::Call;
use crate::{Client, Error};

impl Client {
    /// A page of followers: at most 10,000 OpenIDs after `after`, from the start for `None`.
    ///
    /// # Errors
    /// As any safe call, after a few tries.
    pub async fn user_get(&self, after: Option<&OpenId>) -> Result<FollowerPage, Error> {
        let mut call = Call::bare(Endpoint::UserGet);
        if let Some(after) = after {
            call = call.with("next_openid", after.as_str());
        }
        self.ask(&call).await
    }

    /// Details of one person.
    ///
    /// # Errors
    /// As any safe call; 40003 for an OpenID of another account.
    pub async fn user_info(&self, openid: &OpenId) -> Result<UserInfo, Error> {
        self.ask(&Call::bare(Endpoint::UserInfo).with("openid", openid.as_str())).await
    }

    /// Details of at most 100 people, in the order asked. Someone who does not follow comes back
    /// with `subscribe` 0.
    ///
    /// # Errors
    /// As any safe call; 40032 for more than 100, 40003 when any is of another account.
    pub async fn user_info_batch(&self, openids: &[OpenId]) -> Result<Vec<UserInfo>, Error> {
        let items =
            openids.iter().map(|openid| BatchGetItem { openid: openid.clone(), lang: None });
        let request = BatchGetRequest { user_list: items.collect() };
        let answer: BatchGetAnswer = self.post(Endpoint::UserInfoBatch, &request).await?;
        Ok(answer.user_info_list)
    }
}
