//! Codes of what goes out to people: mass messages, notices, customer-service messages.

super::rows! {
    INVALID_OPENID: 40003, DropRecipient, "invalid openid",
        "The OpenID is malformed or belongs to another account; drop this recipient.";
    INVALID_MESSAGE_TYPE: 40008, FixCall, "invalid message type",
        "The platform does not know this kind of message; the program must be corrected.";
    INVALID_OPENID_LIST: 40031, FixCall, "invalid openid list",
        "The list of recipients is malformed; the program must be corrected.";
    OPENID_LIST_TOO_LONG: 40032, FixCall, "invalid openid list size",
        "The list of recipients is longer than the call allows, 10,000 for a mass message; the program must split it.";
    40034, FixCall, "invalid template size",
        "The template is too large; shorten it.";
    40036, FixCall, "invalid template_id size",
        "The template's number has the wrong length; check it.";
    INVALID_TEMPLATE: 40037, FixCall, "invalid template_id",
        "The account has no template of this number; choose one it has.";
    INVALID_MSG_ID: 40059, FixCall, "invalid msg id",
        "The platform knows no mass message of this number, or it is too old; nothing can be done with it any more.";
    INVALID_ARTICLE_INDEX: 40060, FixCall, "invalid article idx",
        "The mass message has no article at this place; articles are counted from 1.";
    INVALID_MESSAGE_STATUS: 40065, FixCall, "invalid msg status",
        "The mass message was not sent, or is being sent just now; only one that was sent can be deleted.";
    LIST_TOO_SHORT: 40130, FixCall, "invalid openid list size, at least two openid",
        "A list send needs at least two recipients; the program must not make a batch of one.";
    INVALID_USERNAME: 40132, FixCall, "invalid username",
        "There is no WeChat user of this name, or they do not follow the account; check the name.";
    40138, ChangeContent, "emphasis word can not be first neither remark",
        "The emphasised field may be neither the first nor the remark; choose another.";
    40165, FixCall, "invalid weapp pagepath",
        "The mini program has no such page; correct the path.";
    40166, AskOperator, "invalid weapp appid",
        "The mini program is not linked to the account; link it in the platform's console.";
    40204, AskOperator, "can not delete wash or rumor article",
        "The platform keeps this article because of a complaint; it cannot be deleted.";
    NOTICE_DUPLICATE: 40241, AlreadyDone, "The message is duplicate in 60 seconds",
        "The same notice went to this person within the last minute; nothing more need be done.";
    40246, ChangeContent, "keyword name invalid",
        "A keyword's name is not one of the template's; choose one that is.";
    40247, AskOperator, "need new category template",
        "Templates of the old style are no longer taken; add one of the account's category.";
    40249, ChangeContent, "this template msg has been blocked for illegal content",
        "The platform blocked the notice for its content; change it.";
    40252, ChangeContent, "part of the template content is under review",
        "The platform is reviewing part of the notice and sends it by itself once it passes; do not repeat it.";
    INVALID_PAGE: 41030, FixCall, "invalid page",
        "The mini program has no such page; correct the path.";
    OPERATION_TOO_FAST: 42010, WaitAMinute, "too fast operation",
        "Mass messages follow one another too fast; repeat in a minute with the same clientmsgid.";
    NOT_FOLLOWING: 43004, DropRecipient, "require subscribe",
        "The person does not follow the account; drop this recipient.";
    43005, DropRecipient, "require friend relations",
        "The person is not connected with the account; drop this recipient.";
    43006, DropRecipient, "require not block",
        "The person has blocked the account; drop this recipient.";
    43019, DropRecipient, "require remove blacklist",
        "The person is on the account's blacklist; drop this recipient.";
    43100, QuotaUsedUp, "change template too frequently",
        "The account's trade may be changed once a month; wait for the next month.";
    CONSENT_MISSING: 43101, DropRecipient, "user refuse to accept the msg",
        "The person has not subscribed to this notice, or used the subscription up, or refused; drop this recipient.";
    43102, FixCall, "the tempalte is not subscriptiontype",
        "The template is not one of subscription notices; choose another.";
    43103, FixCall, "the api only can cancel the subscription",
        "This call can only end a subscription; the program must be corrected.";
    43105, FixCall, "news has no binding relation with template_id",
        "The article does not offer this template; choose one it offers.";
    43116, ChangeContent, "This template_id is banned",
        "The platform has banned this template; choose another.";
    43117, WaitAMinute,
        "Sending messages to this openid too frequently,please try later",
        "Messages to this person follow one another too fast; repeat later.";
    44007, AlreadyDone, "repeated msg id",
        "A message with this key was sent already; nothing more need be done.";
    45012, ChangeContent, "template size out of limit",
        "The template is too large; shorten it.";
    45013, ChangeContent, "too many template args",
        "The notice has too many fields; remove some.";
    45014, ChangeContent, "template message size out of limit",
        "The notice is too long; shorten it.";
    WINDOW_CLOSED: 45015, DropRecipient,
        "response out of time limit or subscription is canceled",
        "The person has not written or clicked within the time allowed, or follows no longer; drop this recipient.";
    45026, AskOperator, "template num exceeds limit",
        "The account has its 25 templates; delete one first.";
    45027, AskOperator, "template conflict with industry",
        "The template belongs to another trade than the account's; choose another.";
    NO_MASS_QUOTA: 45028, QuotaUsedUp, "has no masssend quota",
        "The account's own sends to everybody are used up for this day or month; send to a list or a tag, or wait until they are renewed.";
    REPLIES_USED_UP: 45047, QuotaUsedUp, "out of response count limit",
        "No more messages may go to this person before they write or click again; wait for that.";
    45050, FixCall, "custom msg use invalid type",
        "This kind of customer-service message does not exist; the program must be corrected.";
    45051, ChangeContent, "template msg use invalid link",
        "The notice's link is not allowed; correct it.";
    MASS_KIND_INVALID: 45052, FixCall, "masssend msg use invalid type",
        "This kind of message cannot be sent as a mass message; the program must be corrected.";
    CONTRACT_ADVERT: 45062, ChangeContent, "has agreement ad. please use mp.weixin.qq.com",
        "The article holds a contract advertisement; send it on the platform's website or remove the advertisement.";
    CLIENTMSGID_EXISTS: 45065, AlreadyDone, "clientmsgid exist",
        "A mass message with this clientmsgid was accepted within 24 hours; the answer carries its number and nothing is sent again.";
    CLIENTMSGID_TOO_FAST: 45066, WaitAMinute, "same clientmsgid retry too fast",
        "The first call with this clientmsgid is still in hand; repeat in a minute with the same clientmsgid.";
    CLIENTMSGID_TOO_LONG: 45067, FixCall, "clientmsgid size out of limit",
        "The clientmsgid is too long; the program must keep it within 32 characters.";
    45072, FixCall, "invalid command",
        "The typing command is Typing or CancelTyping; the program must be corrected.";
    TYPING_TOO_SOON: 45080, WaitAMinute,
        "need sending message to user, or recving message from user in the last 30 seconds before typing",
        "Typing can be shown only within 30 seconds of a message; wait for one.";
    TYPING_ALREADY: 45081, WaitAMinute, "you are already typing",
        "Typing is shown already; wait before showing it again.";
    SPEED_OUT_OF_RANGE: 45083, FixCall, "the speed out of range",
        "The speed of mass messages is a level from 0 to 4; choose one of these.";
    SPEED_UNSET: 45084, FixCall, "No speed message",
        "The call names no speed; the program must be corrected.";
    SPEED_SERVER_ERROR: 45085, RetryLater, "speed server err",
        "The platform could not read or set the speed; repeat later.";
    NO_SEND_QUOTA: 45093, QuotaUsedUp, "no quota to send msg",
        "The account's messages are used up; wait until they are renewed.";
    45098, ChangeContent, "msgmenu list size out of limit",
        "The menu in the message has too many entries; remove some.";
    45099, ChangeContent, "msgmenu item size out of limit",
        "An entry of the menu in the message is too long; shorten it.";
    CARDS_WITHDRAWN: 45113, ChangeContent, "cards and products can no longer be published",
        "Coupon cards can no longer be sent; choose another kind of message.";
    VIDEO_NOT_CONVERTED: 45161, FixCall, "this video id must be generated by calling upload api",
        "The film must be converted with uploadvideo before a mass message may carry it; convert it first.";
    MASS_TYPE_INVALID: 45162, FixCall, "invalid type",
        "This kind of message cannot go to a list of recipients; the program must be corrected.";
    USER_NOT_FOUND: 46004, DropRecipient, "user no exist",
        "There is no such user; drop this recipient.";
    48002, DropRecipient, "user block receive message",
        "The person has switched the account's messages off; drop this recipient.";
    48011, AskOperator, "disabled template id",
        "The template is disabled; choose another.";
    VIDEO_NOT_NEW: 48013, ChangeContent, "video not from the new upload interface",
        "The film was not uploaded through the present interface; upload it again.";
    VIDEO_NOT_REVIEWED: 48014, ChangeContent, "video review state abnormal",
        "The film has not passed the platform's review; wait for it or choose another.";
    DRAFT_ONLY_AUTO_SAVED: 48021, ChangeContent,
        "auto-saved draft can't be mass-sent, save it by hand first",
        "The draft was only saved automatically; save it by hand on the platform's website first.";
    VIDEO_NOT_PUBLISHABLE: 48022, ChangeContent, "API-uploaded video can't be published by API",
        "A film uploaded through the interface cannot be sent through it; send it on the platform's website.";
    49003, FixCall, "not match openid with appid",
        "The OpenID belongs to another account; check which account it was taken from.";
    UNFOLLOWED: 50005, DropRecipient, "user is unsubscribed",
        "The person follows the account no longer; drop this recipient.";
    65413, FixCall, "no effective session",
        "There is no open conversation with this person; open one first.";
    65414, RetryLater, "another worker serving",
        "Somebody else is serving this person; wait until they have finished.";
    65415, RetryLater, "worker not online",
        "The member of staff is not online; choose another or wait.";
    65416, FixCall, "param invalid, please check",
        "A parameter of the customer-service call is wrong; the program must be corrected.";
    65417, FixCall, "too long time range",
        "The stretch of time asked for is too long; ask for a shorter one.";
    PROTECTION_OF_MINORS: 70000, ChangeContent, "refused for protection of minors",
        "The platform refused the message to protect minors; change its content.";
    MASS_BUSY: 9500001, RetryLater, "system busy",
        "The platform is busy; repeat later, a send only with the same clientmsgid.";
    LIST_SEND_BUSY: 9500002, RetryLater, "system busy",
        "The platform is busy; repeat later, a send only with the same clientmsgid.";
}
