//! Mass messages (`platform/03`). A send goes out once; whether it is repeated is for the keeper
//! of its `clientmsgid` to decide.

use serde::Serialize;
use wire::mass::{
    DeleteRequest, PreviewAnswer, PreviewRequest, SendAllRequest, SendAnswer, SendRequest,
    StatusAnswer, StatusRequest,
};
use wire::{Endpoint, MsgDataId, MsgId, Refusal, codes};

use crate::{Client, Error};

/// The platform has the job; its result comes later, by event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accepted {
    /// By this call.
    Now(SendAnswer),
    /// By an earlier call with the same `clientmsgid` (45065); this one sent nothing.
    Before(MsgId),
}

impl Accepted {
    /// The job.
    #[must_use]
    pub fn msg_id(&self) -> MsgId {
        match self {
            Self::Now(answer) => answer.msg_id,
            Self::Before(msg_id) => *msg_id,
        }
    }

    /// Key of its statistics; 45065 does not repeat it.
    #[must_use]
    pub fn msg_data_id(&self) -> Option<MsgDataId> {
        match self {
            Self::Now(answer) => answer.msg_data_id,
            Self::Before(_) => None,
        }
    }
}

impl Client {
    /// Sends to 2–10,000 OpenIDs.
    ///
    /// # Errors
    /// [`Error::Doubtful`] when the job may have been accepted: repeat only with the same
    /// `clientmsgid`. 45066 is [`wire::Reaction::WaitAMinute`]: so may that one.
    pub async fn mass_send(&self, request: &SendRequest) -> Result<Accepted, Error> {
        self.accepted(Endpoint::MassSend, request).await
    }

    /// Sends to everybody or to one tag.
    ///
    /// # Errors
    /// As [`Client::mass_send`]; 45028 when the account's sends to everybody are used up.
    pub async fn mass_send_all(&self, request: &SendAllRequest) -> Result<Accepted, Error> {
        self.accepted(Endpoint::MassSendAll, request).await
    }

    /// Shows the message to one follower, without spending a slot.
    ///
    /// # Errors
    /// [`Error::Doubtful`] when it may have been shown; never repeated here. 40132 for an unknown
    /// name.
    pub async fn mass_preview(&self, request: &PreviewRequest) -> Result<PreviewAnswer, Error> {
        self.post(Endpoint::MassPreview, request).await
    }

    /// Where a job stands.
    ///
    /// # Errors
    /// As any safe call; 40059 for a job the platform does not know or has forgotten.
    pub async fn mass_get(&self, msg_id: MsgId) -> Result<StatusAnswer, Error> {
        self.post(Endpoint::MassGet, &StatusRequest { msg_id }).await
    }

    /// Deletes a sent article: its page goes, the card stays, no slot comes back.
    ///
    /// # Errors
    /// 40059, 40060, 40065 when there is nothing to delete.
    pub async fn mass_delete(&self, request: &DeleteRequest) -> Result<(), Error> {
        self.tell(Endpoint::MassDelete, request).await
    }

    async fn accepted(
        &self,
        endpoint: Endpoint,
        request: &impl Serialize,
    ) -> Result<Accepted, Error> {
        match self.post(endpoint, request).await {
            Ok(answer) => Ok(Accepted::Now(answer)),
            Err(Error::Refused {
                refusal: Refusal { errcode: codes::CLIENTMSGID_EXISTS, msg_id: Some(msg_id), .. },
                ..
            }) => Ok(Accepted::Before(msg_id)),
            Err(error) => Err(error),
        }
    }
}
