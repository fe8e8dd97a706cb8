//! Codes any call may answer with: tokens, methods, bodies, limits of calls.

super::rows! {
    SYSTEM_ERROR: -1, RetryLater, "system error",
        "The platform is busy; repeat later, a send only with the same clientmsgid.";
    OK: 0, AlreadyDone, "ok",
        "The call was carried out.";
    NOTICE_SYSTEM_ERROR: 20001, RetryLater, "system error",
        "The platform is busy; repeat later.";
    20002, FixCall, "param error",
        "A parameter of the call is wrong; the program must be corrected.";
    INVALID_CREDENTIAL: 40001, RefreshToken,
        "invalid credential, access_token is invalid or not latest, could get access_token by getStableAccessToken, more details at https://mmbizurl.cn/s/JtxxFh33r",
        "The access token is dead, or, when a token was asked for, the AppSecret is wrong; fetch another token, and check the AppSecret if that fails too.";
    INVALID_GRANT_TYPE: 40002, FixCall, "invalid grant_type",
        "A token was asked for with a wrong grant type; the program must be corrected.";
    INVALID_MEDIA_TYPE: 40004, FixCall, "invalid media type",
        "The kind of media is none the platform takes; send an image, voice, video or thumb.";
    INVALID_APPID: 40013, AskOperator, "invalid appid",
        "The AppID does not exist or belongs to another account; check the AppID.";
    INVALID_ACCESS_TOKEN: 40014, RefreshToken, "invalid access_token",
        "The access token is malformed; fetch another.";
    40033, FixCall, "invalid charset",
        "The request holds \\u escapes where plain UTF-8 is asked for; the program must be corrected.";
    40035, FixCall, "invalid args size",
        "There are too many or too few parameters; the program must be corrected.";
    40038, FixCall, "invalid packaging type",
        "The request's format is not accepted; the program must be corrected.";
    40039, FixCall, "invalid url size",
        "The address is longer than 1,024 bytes; shorten it.";
    40048, FixCall, "invalid url domain",
        "The address lies outside the account's registered domains; use one that is registered.";
    INVALID_ARGUMENTS: 40097, FixCall, "invalid args",
        "A parameter is missing or out of range; the program must be corrected.";
    40163, FixCall, "code been used",
        "The sign-in code was used already; let the person sign in again.";
    40201, FixCall, "invalid check url",
        "The callback check was asked for an unusable address; correct the address.";
    40202, FixCall, "invalid check action",
        "The callback check takes the actions dns, ping and all; the program must be corrected.";
    40203, FixCall, "invalid check operator",
        "The callback check does not know this network operator; use DEFAULT.";
    ACCESS_TOKEN_MISSING: 41001, RefreshToken, "access_token missing",
        "The call carried no access token; fetch one and repeat.";
    APPID_MISSING: 41002, FixCall, "appid missing",
        "The call carried no AppID; the program must be corrected.";
    41003, FixCall, "refresh_token missing",
        "The call carried no refresh token; the program must be corrected.";
    APPSECRET_MISSING: 41004, FixCall, "appsecret missing",
        "The call carried no AppSecret; the program must be corrected.";
    41005, FixCall, "media data missing",
        "The upload carried no file; choose a file.";
    MEDIA_ID_MISSING: 41006, FixCall, "media_id missing",
        "The call names no media_id; the program must be corrected.";
    OPENID_MISSING: 41009, FixCall, "missing openid",
        "The call names no OpenID; the program must be corrected.";
    41011, FixCall, "missing required fields",
        "A required field is missing; the program must be corrected.";
    ACCESS_TOKEN_EXPIRED: 42001, RefreshToken, "access_token expired",
        "The access token has run out; fetch another.";
    GET_REQUIRED: 43001, FixCall, "require GET method",
        "The platform wants GET for this call; the program must be corrected.";
    POST_REQUIRED: 43002, FixCall, "require POST method",
        "The platform wants POST for this call; the program must be corrected.";
    43003, FixCall, "require https",
        "The platform wants HTTPS for this call; correct the base address.";
    44001, FixCall, "empty media data",
        "The uploaded file is empty; choose another.";
    EMPTY_POST_DATA: 44002, FixCall, "empty post data",
        "The call had no body; the program must be corrected.";
    44003, FixCall, "empty news data",
        "The draft has no article; add one.";
    EMPTY_CONTENT: 44004, ChangeContent, "empty content",
        "The message has no words; write some.";
    44005, FixCall, "empty list size",
        "The list in the call is empty; the program must be corrected.";
    DAY_LIMIT_REACHED: 45009, QuotaUsedUp, "reach max api daily quota limit",
        "Today's calls of this interface are used up; they are renewed at midnight China time.";
    MINUTE_LIMIT_REACHED: 45011, WaitAMinute,
        "api minute-quota reach limit, must slower, retry next minute",
        "Too many calls in this minute; repeat in the next.";
    DATA_FORMAT_ERROR: 47001, FixCall, "data format error",
        "The platform could not read the body as JSON; the program must be corrected.";
    47002, FixCall, "do NOT use json unicode encode",
        "The body holds \\u escapes where plain UTF-8 is asked for; the program must be corrected.";
    ARGUMENT_INVALID: 47003, ChangeContent, "argument invalid!",
        "A field of the notice does not fit its kind; correct the field the answer names.";
    CLEAR_QUOTA_LIMIT: 48006, QuotaUsedUp, "forbid to clear quota because of reaching the limit",
        "The call counters were cleared ten times this month, which is all the platform allows; wait for the next month.";
    RID_NOT_FOUND: 76001, FixCall, "rid not found",
        "The platform knows no request with this rid; check the rid.";
    RID_MALFORMED: 76002, FixCall, "rid empty or malformed",
        "The rid is empty or malformed; copy it from the error message.";
    RID_OF_ANOTHER: 76003, FixCall, "rid belongs to another account",
        "The rid belongs to another account, or the path was not a bare path; ask with the right account.";
    RID_EXPIRED: 76004, FixCall, "rid expired",
        "The platform keeps a request for seven days and this one is older; nothing more can be learnt of it.";
    PATH_NOT_FOUND: 76021, FixCall, "cgi_path not found, please check",
        "The platform knows no interface with this path; write it with its leading slash and no host.";
    PATH_NOT_ALLOWED: 76022, AskOperator, "could not use this cgi_path，no permission",
        "The account may not ask for the counter of this interface; see the figures in the platform's console.";
    SYSTEM_BUSY_FOLLOWERS: 268487001, RetryLater, "system busy",
        "The platform is busy; repeat later.";
    SYSTEM_BUSY_DETAILS: 268487002, RetryLater, "system busy",
        "The platform is busy; repeat later.";
    SYSTEM_BUSY_SENDING: 268488001, RetryLater, "system busy",
        "The platform is busy; repeat later, a send only with the same clientmsgid.";
}
