//! Codes about what is sent and how it is kept: media, drafts, articles, and about tags.

super::rows! {
    INVALID_FILE_TYPE: 40005, ChangeContent, "invalid file type",
        "The file is of a kind the platform does not take; use a JPEG or PNG picture.";
    40006, ChangeContent, "invalid meida size",
        "The file is too large; make it smaller.";
    INVALID_MEDIA_ID: 40007, FixCall, "invalid media_id",
        "The draft or material does not exist, has run out, or was consumed by an earlier send; make a new draft.";
    IMAGE_SIZE: 40009, ChangeContent, "invalid image size",
        "The picture is too large; pictures in articles must be under 1 MB.";
    40010, ChangeContent, "invalid voice size",
        "The recording is too large; make it shorter.";
    40011, ChangeContent, "invalid video size",
        "The film is too large; make it shorter.";
    40012, ChangeContent, "invalid thumb size",
        "The thumbnail is too large; it must be at most 64 KB.";
    40050, FixCall, "invalid timeline type",
        "There is no group of this number; the program must be corrected.";
    40051, ChangeContent, "invalid group name",
        "The group's name is not allowed; choose another.";
    40062, ChangeContent, "invalid title size",
        "The title is too long; shorten it.";
    INVALID_URL: 40066, ChangeContent, "invalid url",
        "The message holds a link the platform does not allow; link only to mp.weixin.qq.com, or use the original link of an article.";
    40068, ChangeContent, "contain mailcious url",
        "The message holds a link the platform holds for harmful; remove it.";
    40092, ChangeContent, "invalid remark name",
        "The remark is not allowed; shorten it to 30 characters.";
    40102, FixCall, "invalid industry id",
        "There is no trade of this number; choose another.";
    40103, FixCall, "invalid industry index",
        "There is no trade at this place; choose another.";
    INVALID_INDEX: 40114, FixCall, "invalid index value",
        "The draft has no article at this place; articles are counted from 0.";
    40117, ChangeContent, "invalid group name",
        "The group's name is not allowed; choose another.";
    40118, FixCall, "media_id size out of limit",
        "The media_id is too long to be one; the program must be corrected.";
    40126, ChangeContent, "invalid text size",
        "The text is too long; shorten it.";
    INVALID_IMAGE_FORMAT: 40137, ChangeContent, "invalid image format",
        "The picture cannot be read; save it again as JPEG or PNG.";
    TAG_NOT_FOUND: 40152, AskOperator, "invalid group id",
        "The tag does not exist any more; choose another or send to a list.";
    40155, ChangeContent, "please don't contain other home page url",
        "The article links to another account's home page; remove the link.";
    40193, ChangeContent, "invalid recommend length",
        "The words beside the pictures are too long; shorten them.";
    40194, ChangeContent, "illegal recommend",
        "The words beside the pictures are not allowed; change them.";
    40213, ChangeContent, "invalid href tag",
        "A link in the text is written in a form the platform does not read; write it as <a href=\"…\">.";
    40214, ChangeContent, "invalid href text",
        "A link in the text has words the platform does not allow; change them.";
    IMAGE_COUNT: 40215, ChangeContent, "invalid image count",
        "There are too many or too few pictures; take 1 to 20.";
    40229, ChangeContent, "empty media cover",
        "The article has no cover; choose one.";
    41039, ChangeContent, "invalid content_source_url",
        "The original link is not a usable address; correct it.";
    ORIGINAL_DECLARATION: 41040, ChangeContent, "original-declaration requirement not met",
        "The article declares itself original but lacks what that needs; complete it on the platform's website.";
    45001, ChangeContent, "media size out of limit",
        "The file is too large; make it smaller.";
    CONTENT_SIZE: 45002, ChangeContent, "content size out of limit",
        "The text is too long; a mass text takes 2,048 bytes and an article body 20,000 characters.";
    TITLE_SIZE: 45003, ChangeContent, "title size out of limit",
        "The title is too long; shorten it to 64 characters.";
    DIGEST_SIZE: 45004, ChangeContent, "description size out of limit",
        "The digest is too long; shorten it to 128 characters.";
    URL_SIZE: 45005, ChangeContent, "url size out of limit",
        "A link is too long; shorten it.";
    45006, ChangeContent, "picurl size out of limit",
        "A picture's address is too long; shorten it.";
    45007, ChangeContent, "playtime out of limit",
        "The recording lasts too long; shorten it.";
    ARTICLE_COUNT: 45008, ChangeContent, "article size out of limit",
        "There are too many articles; a draft holds at most eight.";
    45016, FixCall, "can't modify sys group",
        "The platform's own groups cannot be changed; choose another.";
    45017, ChangeContent, "group name out of limit",
        "The group's name is too long; shorten it.";
    45018, AskOperator, "too many group",
        "The account has as many groups as it may; delete one first.";
    TOO_MANY_OPENIDS: 45019, FixCall, "too many openid, please input less",
        "The call names more followers than it may; the program must split the list.";
    45034, AskOperator, "media file count is out of limit",
        "The account's library is full; delete material that is no longer used.";
    TOO_MANY_TAGS: 45056, AskOperator, "too many tag now, no need to add new",
        "The account has its 100 tags; delete one first, or keep the tag in this software only.";
    TAG_TOO_LARGE: 45057, AskOperator, "can't delete the tag that has too many fans",
        "More than 100,000 followers carry the tag; take it from some of them before deleting it.";
    TAG_RESERVED: 45058, FixCall, "can't modify sys tag",
        "Tags 0, 1 and 2 are the platform's own and cannot be changed; choose another.";
    TOO_MANY_TAGS_ON_FOLLOWER: 45059, AskOperator, "can not tagging one user too much",
        "The follower carries 20 tags, which is all the platform allows; take one away first.";
    45060, AskOperator, "media is applied in ivr or menu",
        "The material is used by an auto-reply or the menu; take it out of there first.";
    45074, AskOperator, "material list size out of limit",
        "The account's library is full; delete material that is no longer used.";
    AUTHOR_SIZE: 45110, ChangeContent, "author size out of limit",
        "The author's name is too long; shorten it.";
    TAG_NAME_INVALID: 45157, ChangeContent, "invalid tag name",
        "The tag's name is empty or taken already; choose another.";
    TAG_NAME_TOO_LONG: 45158, ChangeContent, "tag name too long",
        "The tag's name is longer than 30 bytes, which is ten Chinese characters; shorten it.";
    TAG_INVALID: 45159, FixCall, "invalid tag id",
        "There is no tag of this number, or two taggings of one follower met; look the tag up, then repeat once.";
    45166, ChangeContent, "invalid content",
        "The article's body holds what the platform does not take; simplify it.";
    45169, RetryLater, "concurrent tagging of one openid",
        "Two taggings of one follower met; repeat later.";
    TAGGING_PARTLY_FAILED: 45171, DropRecipient, "some openid fail",
        "Some of the followers could not be tagged; the answer lists them.";
    MEDIA_NOT_FOUND: 46001, FixCall, "media data no exist",
        "The material does not exist; upload it again.";
    MATERIAL_IN_USE: 48005, AskOperator, "forbid to delete material used by auto-reply or menu",
        "The material is used by an auto-reply or the menu; take it out of there first.";
    53402, ChangeContent, "cover crop failed",
        "The cover could not be cut to shape; choose another picture or another cut.";
    53404, AskOperator, "commerce restricted",
        "The account's product cards are restricted; see the notice in the platform's console.";
    53405, ChangeContent, "product info wrong",
        "A product card in the article is wrong; correct or remove it.";
    53406, AskOperator, "commerce not enabled",
        "The account may not use product cards; open the right in the platform's console.";
    53503, ChangeContent, "draft failed the publish check",
        "The draft failed the platform's check; open it on the website, where the reason is shown.";
    53504, AskOperator, "use the draft on the website",
        "This draft can only be published on the platform's website; publish it there.";
    53505, AskOperator, "save the draft by hand on the website first",
        "The draft must be saved once on the platform's website; open and save it there.";
    INVALID_ARTICLE: 53600, FixCall, "Article ID invalid",
        "There is no published article of this id; look it up in the list of publications.";
    88000, AskOperator, "without comment privilege",
        "The account has no comments; open the feature in the platform's console.";
    88001, FixCall, "msg_data is not exists",
        "There is no article of this number; take the one its send or publication was answered with.";
    88002, AskOperator, "the article is limit for safety",
        "The platform has restricted the article; see the notice in its console.";
    88003, AskOperator, "elected comment upper limit",
        "As many comments are chosen as an article may show; take one back first.";
    88004, DropRecipient, "comment was deleted by user",
        "The reader took the comment back; nothing more can be done with it.";
    88005, FixCall, "already reply",
        "The comment has its answer already; delete that one to write another.";
    88007, ChangeContent, "reply content beyond max len or content len is zero",
        "The answer is empty or too long; change it.";
    88008, FixCall, "comment is not exists",
        "There is no such comment any more; read the list again.";
    88009, AlreadyDone, "reply is not exists",
        "The comment has no answer; nothing more need be done.";
    88010, FixCall, "count range error. cout <= 0 or count > 50",
        "A list of comments holds 1 to 50; the program must be corrected.";
    88011, AskOperator, "the article is limit for safety",
        "The platform has restricted the article; see the notice in its console.";
}
