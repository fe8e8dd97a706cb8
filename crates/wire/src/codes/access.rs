//! Codes of web authorisation, statistics and third-party platforms.

super::rows! {
    INVALID_OAUTH_CODE: 40029, FixCall, "invalid code",
        "The sign-in code is none the platform gave to this account; let the person sign in again.";
    INVALID_REFRESH_TOKEN: 40030, FixCall, "invalid refresh_token",
        "The person's refresh token is none of this account; let the person sign in again.";
    40170, FixCall, "args count exceed count limit",
        "A page of at most 500 authorised accounts can be asked for; ask for fewer.";
    OAUTH_CODE_MISSING: 41008, FixCall, "missing code",
        "The call carried no sign-in code; the program must be corrected.";
    REFRESH_TOKEN_EXPIRED: 42002, FixCall, "refresh_token expired",
        "The person's refresh token has run out; let the person sign in again.";
    OAUTH_CODE_EXPIRED: 42003, FixCall, "code expired",
        "The sign-in code is older than five minutes; let the person sign in again.";
    COMPONENT_TOKEN_EXPIRED: 42006, RefreshToken, "component_access_token expired",
        "The third-party platform's token has run out; fetch another.";
    API_OFFLINE: 47009, AskOperator, "this api is offline, please use the new api",
        "The platform has withdrawn these statistics; a newer version of this software may know their successor.";
    NOT_AUTHORIZED_TO_COMPONENT: 61003, AskOperator, "component is not authorized by this account",
        "The account has not authorised this third-party platform, or has withdrawn it; let its administrator authorise again.";
    COMPONENT_TICKET_EXPIRED: 61005, RetryLater, "component ticket is expired",
        "The ticket of the third-party platform is older than twelve hours; wait for the next one or start the pushes again.";
    COMPONENT_TICKET_INVALID: 61006, RetryLater, "component ticket is invalid",
        "The ticket is none that was pushed to this third-party platform; use the newest one.";
    AUTHORIZATION_CODE_INVALID: 61009, FixCall, "code is invalid",
        "The authorisation code is none of this third-party platform or was used; let the administrator authorise again.";
    AUTHORIZATION_CODE_EXPIRED: 61010, FixCall, "code is expired",
        "The authorisation code has run out; let the administrator authorise again.";
    INVALID_COMPONENT: 61011, AskOperator, "invalid component",
        "There is no third-party platform with this AppID; check the AppID.";
    INVALID_OPTION_NAME: 61012, FixCall, "invalid option name",
        "The platform knows no such option; use location_report, voice_recognize or customer_service.";
    INVALID_OPTION_VALUE: 61013, FixCall, "invalid option value",
        "The option does not take this value; the program must be corrected.";
    COMPONENT_TOKEN_NEEDED: 61014, FixCall, "must use component token for component api",
        "The call wants the third-party platform's own token; the program must be corrected.";
    COMPONENT_TOKEN_REFUSED: 61015, FixCall, "must use api token for not component api",
        "The call wants the token of an authorised account; the program must be corrected.";
    61017, AskOperator, "function category not authorized",
        "The account has not granted the right to the third-party platform; let its administrator authorise again.";
    AUTHORIZER_REFRESH_TOKEN_INVALID: 61023, AskOperator, "refresh_token is invalid",
        "The account's refresh token is dead; read the list of authorised accounts again or let its administrator authorise again.";
    61025, FixCall, "option is read only",
        "The option cannot be set by a third-party platform; its administrator sets it in the console.";
    STATISTICS_DATE_FORMAT: 61500, FixCall, "date format error",
        "The statistics take days as YYYY-MM-DD; the program must be corrected.";
    STATISTICS_DATE_RANGE: 61501, FixCall, "date range error",
        "The statistics were asked for too long a time, or for days that are not over; ask for fewer or earlier days.";
    STATISTICS_NOT_READY: 61503, RetryLater, "data not ready",
        "Yesterday's statistics are ready from eight in the morning; repeat later.";
    BOUND_TO_OPEN_PLATFORM: 89000, AskOperator, "account has bound open",
        "The account is bound to an Open Platform account already; unbind it first.";
    OTHER_CONTRACTOR: 89001, AskOperator, "not same contractor",
        "The account and the Open Platform account belong to different legal subjects; use one of the same.";
    NO_OPEN_PLATFORM: 89002, AskOperator, "open not exists",
        "There is no such Open Platform account, or the account is bound to none; create one first.";
    OPEN_PLATFORM_OF_WEBSITE: 89003, AskOperator, "open is not created by api",
        "The Open Platform account was made on its website; bind and unbind there.";
    89004, AskOperator, "open bind limit",
        "The Open Platform account has as many accounts as it may; unbind one first.";
}
