//! Codes about the account: its credentials, rights, punishments, its administrator's consent, and
//! the people who answer for it.

super::rows! {
    INVALID_APPSECRET: 40125, AskOperator, "invalid appsecret",
        "The AppSecret is wrong; reset it in the platform's console and enter the new one here.";
    IP_NOT_ALLOWED: 40164, AskOperator, "invalid ip, not in whitelist",
        "This machine's address is not in the account's IP allow-list; add the address the answer names in the platform's console.";
    INVALID_ACCOUNT_TYPE: 40200, AskOperator, "invalid account type",
        "This kind of account cannot use the interface; a verified service account is needed.";
    APPSECRET_FROZEN: 40243, AskOperator, "AppSecret frozen",
        "The AppSecret is frozen; unfreeze it in the platform's console.";
    43104, AskOperator, "this appid does not have permission",
        "The account lacks the right to subscription notices; open it in the platform's console.";
    43106, AskOperator, "not allow to add template, for punishment",
        "The account is barred from adding templates; see the notice in the platform's console.";
    ADDRESS_NOT_REGISTERED: 45035, AskOperator, "access clientip is not registered",
        "This machine's address is not registered; add it in the platform's console.";
    45087, AskOperator, "customer service message from this account have been blocked!",
        "The account's customer-service messages are blocked; see the notice in the platform's console.";
    API_BLOCKED: 45102, AskOperator, "this api have been blocked temporarily",
        "The platform has blocked this interface for a time; see the notice in the platform's console.";
    API_UNSUPPORTED: 45103, AskOperator, "This API has been unsupported",
        "The platform has withdrawn this interface; a newer version of this software may know its successor.";
    API_WITHDRAWN: 45109, AskOperator, "This API has been unsupported",
        "The platform has withdrawn this interface; a newer version of this software may know its successor.";
    API_UNAUTHORIZED: 48001, AskOperator, "api unauthorized",
        "The account has no right to this interface; it needs verification, or the right must be opened in the platform's console.";
    MASS_PROTOCOL_NOT_ACCEPTED: 48003, AskOperator, "user not agree mass-send protocol",
        "The account has not accepted the terms of mass messages; accept them in the platform's console.";
    API_FORBIDDEN: 48004, AskOperator,
        "api forbidden for irregularities, view detail on mp.weixin.qq.com",
        "The platform has barred the account from this interface for breaking its rules; see the notice in the platform's console.";
    MESSAGE_KIND_NOT_ALLOWED: 48008, AskOperator, "no permission for this msgtype",
        "The account may not send this kind of message; choose another kind or open the right in the platform's console.";
    USER_UNAUTHORIZED: 50001, AskOperator, "api unauthorized or user unauthorized",
        "The account has no right to this interface, or the person has withdrawn consent; check the account's rights.";
    ACCOUNT_LIMITED: 50002, AskOperator, "user limited",
        "The platform has restricted the account; see the notice in the platform's console.";
    50004, AskOperator, "not allowed to use token",
        "The account may not fetch tokens this way; see the notice in the platform's console.";
    ACCOUNT_FROZEN: 50007, AskOperator, "account frozen",
        "The account is frozen; only its owner can clear this with the platform.";
    61004, AskOperator, "access clientip is not registered",
        "This machine's address is not in the third-party platform's allow-list; add it there.";
    61007, AskOperator, "api is unauthorized to component",
        "The account has not granted this right to the third-party platform; let its owner authorise again.";
    61016, AskOperator, "function category of API need be confirmed by component",
        "The third-party platform must confirm this group of rights first; confirm it in the open platform's console.";
    61450, RetryLater, "system error",
        "The customer-service system is busy; repeat later.";
    61451, FixCall, "invalid parameter",
        "A parameter of the customer-service call is wrong; the program must be corrected.";
    61452, FixCall, "invalid kf_account",
        "There is no customer-service account of this name; check the name.";
    61453, AlreadyDone, "kf_account exsited",
        "The customer-service account exists already; use it.";
    61454, FixCall, "invalid kf_account length",
        "The name of the customer-service account is too long; shorten it.";
    61455, FixCall, "illegal character in kf_account",
        "The name of the customer-service account holds a character that is not allowed; change it.";
    61456, AskOperator, "kf_account count exceeded",
        "The account has as many customer-service accounts as it may; delete one first.";
    61457, FixCall, "invalid file type",
        "The portrait is of a kind that is not accepted; use a JPEG picture.";
    MIGRATION_UNKNOWN: 63178, AskOperator, "appid wrong",
        "The named account has not been moved to this one; check the AppID.";
    63179, FixCall, "openid num limit",
        "The call names more than a hundred OpenIDs; the program must split the list.";
    63182, FixCall, "openid_list empty",
        "The call names no OpenID; the program must be corrected.";
    65400, AskOperator,
        "please enable new custom service, or wait for a while if you have enabled",
        "Customer service is not switched on; switch it on in the platform's console and wait a while.";
    65401, FixCall, "invalid custom service account",
        "There is no customer-service account of this name; check the name.";
    65402, AskOperator, "need to bind a wechat user",
        "The customer-service account is bound to nobody; invite a person to it first.";
    65403, FixCall, "illegal nickname",
        "The nickname is not allowed; choose another.";
    65404, FixCall, "illegal custom service account",
        "The name of the customer-service account is not allowed; choose another.";
    65405, AskOperator, "custom service account number reach limit",
        "The account has as many customer-service accounts as it may (100); delete one first.";
    65406, AlreadyDone, "custom service account already exists",
        "The customer-service account exists already; use it.";
    ADMINISTRATOR_BUSY: 89501, AwaitAdministrator,
        "an unhandled confirmation request exists, retry later",
        "The administrator has another confirmation open in WeChat; it must be answered first.";
    ADMINISTRATOR_ASKED: 89502, AwaitAdministrator, "wait for admin confirm",
        "The administrator has been asked in WeChat; wait for the answer.";
    ADMINISTRATOR_NEEDED: 89503, AwaitAdministrator, "needs admin confirm",
        "The administrator must confirm this machine's address in WeChat; ask them to.";
    SEND_AWAITS_ADMINISTRATOR: 89504, AwaitAdministrator, "mass send waiting for admin confirm",
        "The administrator must confirm the mass message in WeChat within 30 minutes; ask them to.";
    SEND_BEING_CONFIRMED: 89505, RetryLater, "mass send confirmation in progress, retry later",
        "A mass message is being confirmed just now; repeat later with the same clientmsgid.";
    ADDRESS_REFUSED_FOR_A_DAY: 89506, AskOperator, "admin refused this ip, retry after 24 hours",
        "The administrator refused this machine's address twice; the platform takes no call from it for 24 hours.";
    ADDRESS_REFUSED_FOR_AN_HOUR: 89507, AskOperator, "admin refused this ip, retry after 1 hour",
        "The administrator refused this machine's address; the platform takes no call from it for an hour.";
    TEMPLATES_BARRED: 200011, AskOperator, "account banned from adding templates",
        "The account is barred from adding templates; see the notice in the platform's console.";
    TEMPLATES_FULL: 200012, AskOperator, "private template count at limit",
        "The account has its 25 templates; delete one first.";
    200013, AskOperator, "template banned",
        "The platform has banned this template; choose another.";
    TEMPLATE_TITLE_UNKNOWN: 200014, FixCall, "tid error",
        "There is no public template of this number; choose another.";
    200016, FixCall, "start error",
        "The page of templates starts beyond the end; the program must be corrected.";
    200017, FixCall, "limit error",
        "The page of templates is too large; the program must be corrected.";
    200018, FixCall, "category ids missing",
        "The call names no category; the program must be corrected.";
    200019, FixCall, "category ids invalid",
        "The category is none of the account's; choose one of its own.";
    TEMPLATE_KEYWORDS_WRONG: 200020, FixCall, "kidList error",
        "The chosen keywords do not fit the template; choose two to five of its own.";
    200021, FixCall, "sceneDesc error",
        "The description of the occasion is missing or too long; correct it.";
    TEMPLATE_EXISTS: 200022, AlreadyDone, "a template with same title and keywords exists",
        "The account has a template with this title and these keywords already; use that one.";
    200100, AskOperator, "account type illegal",
        "This kind of account cannot use the interface; a verified service account is needed.";
}
