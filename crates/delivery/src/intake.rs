//! What the interface asks of facts: taken in, kept under names, given out, taken away.
//!
//! Whatever writes goes on when the caller does not wait for it: the store and the books move
//! together or not at all.

use std::future::Future;
use std::sync::Arc;

use store::AccountId;
use wire::{OpenId, TagId};

use crate::engine::Engine;
use crate::error::Error;
use crate::owner::Owner;
use crate::view::{
    AttributeView, FactConsent, FactEvent, FactOrder, FollowerPatch, FrozenView, ImportJobView,
    ImportRows, ImportTally, ImportWhat, IntakeView, LineError, ListOfPeople, Members, MembersView,
    OverlapQuestion, OverlapView, OwnTagView, PatchedView, PersonExport, PersonPatch, PresetView,
    PresetWish, RerunView, RfmCell, RfmQuestion, SampleQuestion, SampleView, SavedSegment,
    SegmentText, TagView, TaggingView, TaggingWish,
};
use crate::{attributes, consents, facts, import, list, person, saved, tagging};

/// Runs `work` to its end, whether or not the caller waits.
async fn whole<T, F, W>(owner: Arc<Owner>, work: F) -> Result<T, Error>
where
    T: Send + 'static,
    F: FnOnce(Arc<Owner>) -> W,
    W: Future<Output = Result<T, Error>> + Send + 'static,
{
    tokio::spawn(work(owner))
        .await
        .map_err(|error| Error::unreadable("the end of a task", error))?
}

impl Engine {
    /// Takes events in; durable, and counted by whoever asks next, once it answers.
    ///
    /// # Errors
    /// When one of them cannot be used; then none was taken in.
    pub async fn take_events(
        &self,
        id: AccountId,
        events: Vec<FactEvent>,
    ) -> Result<IntakeView, Error> {
        whole(self.owner(id)?, |owner| async move { facts::events(&owner, events).await }).await
    }

    /// Takes orders in, and what was paid back of them.
    ///
    /// # Errors
    /// When one of them cannot be used; then none was taken in.
    pub async fn take_orders(
        &self,
        id: AccountId,
        orders: Vec<FactOrder>,
    ) -> Result<IntakeView, Error> {
        whole(self.owner(id)?, |owner| async move { facts::orders(&owner, orders).await }).await
    }

    /// Takes in consents to subscription notices that the merchant's own pages heard of.
    ///
    /// # Errors
    /// When one of them cannot be used; then none was taken in.
    pub async fn take_consents(
        &self,
        id: AccountId,
        consents: Vec<FactConsent>,
    ) -> Result<IntakeView, Error> {
        whole(self.owner(id)?, |owner| async move { consents::take_in(&owner, consents).await })
            .await
    }

    /// Enters what the merchant knows of followers.
    ///
    /// # Errors
    /// When one of them is not known or a value does not fit; then nothing was entered.
    pub async fn patch_followers(
        &self,
        id: AccountId,
        patches: Vec<PersonPatch>,
    ) -> Result<PatchedView, Error> {
        whole(self.owner(id)?, |owner| async move { facts::patches(&owner, patches).await }).await
    }

    /// Enters what the merchant knows of one follower.
    ///
    /// # Errors
    /// When they are not known or a value does not fit.
    pub async fn patch_follower(
        &self,
        id: AccountId,
        openid: &str,
        patch: FollowerPatch,
    ) -> Result<PatchedView, Error> {
        let openid = openid.to_owned();
        whole(
            self.owner(id)?,
            |owner| async move { facts::patch_one(&owner, &openid, patch).await },
        )
        .await
    }

    /// Everything kept of one person.
    ///
    /// # Errors
    /// When they are not known.
    pub async fn export_follower(
        &self,
        id: AccountId,
        openid: &str,
    ) -> Result<PersonExport, Error> {
        person::export(&*self.owner(id)?, openid).await
    }

    /// Forgets a person; counts of what was sent stay.
    ///
    /// # Errors
    /// When they are not known, or a message is on its way to them.
    pub async fn erase_follower(&self, id: AccountId, openid: &str) -> Result<(), Error> {
        let openid = openid.to_owned();
        whole(self.owner(id)?, |owner| async move { person::erase(&owner, &openid).await }).await
    }

    /// What attributes may hold.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn attributes(&self, id: AccountId) -> Result<Vec<AttributeView>, Error> {
        attributes::all(&*self.owner(id)?).await
    }

    /// Defines an attribute, or defines it anew.
    ///
    /// # Errors
    /// When its name or its choices cannot be used.
    pub async fn define_attribute(
        &self,
        id: AccountId,
        name: &str,
        wish: AttributeView,
    ) -> Result<AttributeView, Error> {
        let name = name.to_owned();
        whole(self.owner(id)?, |owner| async move { attributes::define(&owner, &name, wish).await })
            .await
    }

    /// Takes a definition away; values stay.
    ///
    /// # Errors
    /// When there is none of this name.
    pub async fn undefine_attribute(&self, id: AccountId, name: &str) -> Result<(), Error> {
        let name = name.to_owned();
        whole(self.owner(id)?, |owner| async move { attributes::undefine(&owner, &name).await })
            .await
    }

    /// The merchant's own tags that somebody carries.
    ///
    /// # Errors
    /// When there is no such account.
    pub async fn own_tags(&self, id: AccountId) -> Result<Vec<OwnTagView>, Error> {
        Ok(attributes::own_tags(&*self.owner(id)?).await)
    }

    /// Gives one of the merchant's own tags to people and takes it from people.
    ///
    /// # Errors
    /// When the name or one of the people cannot be read.
    pub async fn tag_people(
        &self,
        id: AccountId,
        tag: &str,
        members: Members,
    ) -> Result<MembersView, Error> {
        let tag = tag.to_owned();
        whole(self.owner(id)?, |owner| async move { attributes::tag(&owner, &tag, members).await })
            .await
    }

    /// Every list.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn lists(&self, id: AccountId) -> Result<Vec<ListOfPeople>, Error> {
        list::all(&*self.owner(id)?).await
    }

    /// Puts people onto a list and takes people off it; makes it when there is none.
    ///
    /// # Errors
    /// When the name or one of the people cannot be read.
    pub async fn put_on_list(
        &self,
        id: AccountId,
        name: &str,
        members: Members,
    ) -> Result<MembersView, Error> {
        let name = name.to_owned();
        whole(self.owner(id)?, |owner| async move { list::put(&owner, &name, members).await }).await
    }

    /// Takes a list away.
    ///
    /// # Errors
    /// When there is none of this name.
    pub async fn remove_list(&self, id: AccountId, name: &str) -> Result<(), Error> {
        let name = name.to_owned();
        whole(self.owner(id)?, |owner| async move { list::remove(&owner, &name).await }).await
    }

    /// Every saved segment.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn saved_segments(&self, id: AccountId) -> Result<Vec<SavedSegment>, Error> {
        saved::all(&*self.owner(id)?).await
    }

    /// Saves a segment under a name.
    ///
    /// # Errors
    /// When it cannot be understood, or names itself.
    pub async fn save_segment(
        &self,
        id: AccountId,
        name: &str,
        wish: SegmentText,
    ) -> Result<SavedSegment, Error> {
        let name = name.to_owned();
        whole(self.owner(id)?, |owner| async move { saved::save(&owner, &name, wish).await }).await
    }

    /// Takes a saved segment away.
    ///
    /// # Errors
    /// When there is none of this name, or another one names it.
    pub async fn remove_segment(&self, id: AccountId, name: &str) -> Result<(), Error> {
        let name = name.to_owned();
        whole(self.owner(id)?, |owner| async move { saved::remove(&owner, &name).await }).await
    }

    /// Keeps who is in a segment now.
    ///
    /// # Errors
    /// When its text cannot be understood.
    pub async fn freeze_segment(
        &self,
        id: AccountId,
        wish: SegmentText,
    ) -> Result<FrozenView, Error> {
        saved::freeze(&*self.owner(id)?, wish).await
    }

    /// Every frozen segment, the newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn frozen_segments(&self, id: AccountId) -> Result<Vec<FrozenView>, Error> {
        saved::all_frozen(&*self.owner(id)?).await
    }

    /// A frozen segment beside what its text says now.
    ///
    /// # Errors
    /// When there is none of this number, or its text names what is gone.
    pub async fn rerun_segment(&self, id: AccountId, frozen: i64) -> Result<RerunView, Error> {
        saved::rerun(&*self.owner(id)?, frozen).await
    }

    /// Who was in a frozen segment.
    ///
    /// # Errors
    /// When there is none of this number.
    pub async fn frozen_members(&self, id: AccountId, frozen: i64) -> Result<Vec<OpenId>, Error> {
        saved::members(&*self.owner(id)?, frozen).await
    }

    /// Draws people from a segment.
    ///
    /// # Errors
    /// When its text or the size cannot be used.
    pub async fn sample(
        &self,
        id: AccountId,
        question: &SampleQuestion,
    ) -> Result<SampleView, Error> {
        saved::sample(&*self.owner(id)?, question).await
    }

    /// How many people segments share.
    ///
    /// # Errors
    /// When a text cannot be understood, or there are too many.
    pub async fn overlap(
        &self,
        id: AccountId,
        question: &OverlapQuestion,
    ) -> Result<OverlapView, Error> {
        saved::overlap(&*self.owner(id)?, question).await
    }

    /// Segments that many merchants want.
    ///
    /// # Errors
    /// None today; a build with a broken file of them would say so.
    pub fn presets(&self) -> Result<Vec<PresetView>, Error> {
        saved::presets()
    }

    /// The text of a preset with what was chosen.
    ///
    /// # Errors
    /// When there is none of this name, or a parameter cannot be used.
    pub fn preset(&self, key: &str, wish: &PresetWish) -> Result<SegmentText, Error> {
        saved::preset_text(key, wish)
    }

    /// The grid of recency, frequency and money, counted.
    ///
    /// # Errors
    /// When a cut cannot be used.
    pub async fn rfm(&self, id: AccountId, question: &RfmQuestion) -> Result<Vec<RfmCell>, Error> {
        saved::rfm(&*self.owner(id)?, question).await
    }

    /// The platform's tags as last listed.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn tags(&self, id: AccountId) -> Result<Vec<TagView>, Error> {
        tagging::all(&*self.owner(id)?).await
    }

    /// Lists the platform's tags anew.
    ///
    /// # Errors
    /// What the platform said.
    pub async fn refresh_tags(&self, id: AccountId) -> Result<Vec<TagView>, Error> {
        whole(self.owner(id)?, |owner| async move { tagging::refresh(&owner).await }).await
    }

    /// Makes a platform tag.
    ///
    /// # Errors
    /// When its name cannot be used, there are too many, or what the platform said.
    pub async fn create_tag(&self, id: AccountId, name: &str) -> Result<TagView, Error> {
        let name = name.to_owned();
        whole(self.owner(id)?, |owner| async move { tagging::create(&owner, &name).await }).await
    }

    /// Renames a platform tag.
    ///
    /// # Errors
    /// When there is none, its name cannot be used, or what the platform said.
    pub async fn rename_tag(
        &self,
        id: AccountId,
        tag: TagId,
        name: &str,
    ) -> Result<TagView, Error> {
        let name = name.to_owned();
        whole(self.owner(id)?, |owner| async move { tagging::rename(&owner, tag, &name).await })
            .await
    }

    /// Deletes a platform tag and takes it from everybody.
    ///
    /// # Errors
    /// When there is none, or what the platform said.
    pub async fn delete_tag(&self, id: AccountId, tag: TagId) -> Result<(), Error> {
        whole(self.owner(id)?, |owner| async move { tagging::delete(&owner, tag).await }).await
    }

    /// Asks for a platform tag to be given to people or taken from them, in the background.
    ///
    /// # Errors
    /// When there is no such tag or nobody to tag.
    pub async fn ask_tagging(
        &self,
        id: AccountId,
        tag: TagId,
        wish: TaggingWish,
    ) -> Result<TaggingView, Error> {
        tagging::ask(&*self.owner(id)?, tag, wish).await
    }

    /// Every tagging, the newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn taggings(&self, id: AccountId) -> Result<Vec<TaggingView>, Error> {
        tagging::list(&*self.owner(id)?).await
    }

    /// Begins an import; answers its number.
    ///
    /// # Errors
    /// When a list is wanted and none, or no usable one, is named.
    pub async fn import_begin(
        &self,
        id: AccountId,
        what: ImportWhat,
        list: Option<String>,
        skip_bad: bool,
    ) -> Result<i64, Error> {
        import::begin(&*self.owner(id)?, what, list, skip_bad).await
    }

    /// Checks rows of an import and keeps the good ones; answers the refused lines.
    ///
    /// # Errors
    /// When the import is not being received.
    pub async fn import_stage(
        &self,
        id: AccountId,
        number: i64,
        rows: ImportRows,
    ) -> Result<Vec<LineError>, Error> {
        import::stage(&*self.owner(id)?, number, rows).await
    }

    /// All rows are here: the import is applied in the background, or fails for its bad lines.
    ///
    /// # Errors
    /// When the import is not being received.
    pub async fn import_end(
        &self,
        id: AccountId,
        number: i64,
        tally: ImportTally,
    ) -> Result<ImportJobView, Error> {
        import::end(&*self.owner(id)?, number, tally).await
    }

    /// Gives an import up of which nothing was applied.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn import_give_up(
        &self,
        id: AccountId,
        number: i64,
        why: String,
        tally: ImportTally,
    ) -> Result<ImportJobView, Error> {
        import::give_up(&*self.owner(id)?, number, why, tally).await
    }

    /// Waits until an import is done or failed.
    ///
    /// # Errors
    /// When there is none of this number.
    pub async fn import_wait(&self, id: AccountId, number: i64) -> Result<ImportJobView, Error> {
        import::wait(&*self.owner(id)?, number).await
    }

    /// One import.
    ///
    /// # Errors
    /// When there is none of this number.
    pub async fn import(&self, id: AccountId, number: i64) -> Result<ImportJobView, Error> {
        import::get(&*self.owner(id)?, number).await
    }

    /// The latest imports.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn imports(&self, id: AccountId) -> Result<Vec<ImportJobView>, Error> {
        import::list(&*self.owner(id)?).await
    }
}
