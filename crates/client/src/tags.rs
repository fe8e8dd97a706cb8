//! Tags (`platform/07 §7`).

use wire::tag::{
    CreateTagRequest, DeleteTagRequest, Tag, TagBody, TagList, TagName, TagNumber, TaggingRequest,
    TagsOfAnswer, TagsOfRequest,
};
use wire::user::{FollowerPage, TagMembersRequest};
use wire::{Endpoint, OpenId, TagId};

use crate::call::Call;
use crate::{Client, Error};

impl Client {
    /// Makes a tag. Never repeated here: a second call would be refused or make a second tag.
    ///
    /// # Errors
    /// 45157 for a name that is taken, 45158 for one over 30 bytes, 45056 for the 101st tag.
    pub async fn tag_create(&self, name: &str) -> Result<Tag, Error> {
        let request = CreateTagRequest { tag: TagName { name: name.to_owned() } };
        let answer: TagBody = self.post(Endpoint::TagCreate, &request).await?;
        Ok(answer.tag)
    }

    /// All tags, the platform's own among them, with how many followers carry each.
    ///
    /// # Errors
    /// As any safe call, after a few tries.
    pub async fn tag_list(&self) -> Result<Vec<Tag>, Error> {
        let answer: TagList = self.ask(&Call::bare(Endpoint::TagList)).await?;
        Ok(answer.tags)
    }

    /// Renames a tag.
    ///
    /// # Errors
    /// As [`Client::tag_create`]; 45058 for the platform's own tags.
    pub async fn tag_update(&self, id: TagId, name: &str) -> Result<(), Error> {
        let request = TagBody { tag: Tag { id, name: name.to_owned(), count: None } };
        self.tell(Endpoint::TagUpdate, &request).await
    }

    /// Deletes a tag and takes it from everybody.
    ///
    /// # Errors
    /// 45057 when over 100,000 followers carry it, 45058 for the platform's own tags.
    pub async fn tag_delete(&self, id: TagId) -> Result<(), Error> {
        self.tell(Endpoint::TagDelete, &DeleteTagRequest { tag: TagNumber { id } }).await
    }

    /// Gives a tag to at most 50 followers. The account's taggings go out one after the other.
    ///
    /// # Errors
    /// 45059 when one of them carries 20 tags, 45159 for an unknown tag, 40032 for more than 50.
    pub async fn tag_members_add(&self, id: TagId, openids: &[OpenId]) -> Result<(), Error> {
        self.tagging(Endpoint::TagMembersAdd, id, openids).await
    }

    /// Takes a tag from at most 50 followers. The account's taggings go out one after the other.
    ///
    /// # Errors
    /// 45159 for an unknown tag, 40032 for more than 50.
    pub async fn tag_members_remove(&self, id: TagId, openids: &[OpenId]) -> Result<(), Error> {
        self.tagging(Endpoint::TagMembersRemove, id, openids).await
    }

    /// A page of the followers who carry a tag, after `after`, from the start for `None`.
    ///
    /// # Errors
    /// As any safe call; 45159 for an unknown tag.
    pub async fn tag_members(
        &self,
        id: TagId,
        after: Option<&OpenId>,
    ) -> Result<FollowerPage, Error> {
        let next_openid = after.map(OpenId::to_string).unwrap_or_default();
        self.post(Endpoint::TagMembers, &TagMembersRequest { tagid: id, next_openid }).await
    }

    /// The tags of one follower.
    ///
    /// # Errors
    /// As any safe call; 40003 for an OpenID of another account.
    pub async fn tags_of(&self, openid: &OpenId) -> Result<Vec<TagId>, Error> {
        let request = TagsOfRequest { openid: openid.clone() };
        let answer: TagsOfAnswer = self.post(Endpoint::TagsOf, &request).await?;
        Ok(answer.tagid_list)
    }

    async fn tagging(
        &self,
        endpoint: Endpoint,
        tagid: TagId,
        openids: &[OpenId],
    ) -> Result<(), Error> {
        let _turn = self.one_tagging().await;
        self.tell(endpoint, &TaggingRequest { openid_list: openids.to_vec(), tagid }).await
    }
}
