//! Codes of what people see of an account beside messages: menus, QR codes, short keys
//! (`platform/09`).

super::rows! {
    40015, FixCall, "invalid menu type",
        "The menu's kind is none the platform knows; the program must be corrected.";
    MENU_SIZE: 40016, ChangeContent, "invalid button size",
        "A menu has one to three buttons; change their number.";
    BUTTON_TYPE: 40017, FixCall, "invalid button type",
        "A button's type is missing, unknown, or stands beside buttons below it; correct the button.";
    BUTTON_NAME: 40018, ChangeContent, "invalid button name size",
        "A button's name is empty or longer than 16 bytes; change it.";
    BUTTON_KEY: 40019, ChangeContent, "invalid button key size",
        "A button's key is empty or longer than 128 bytes; change it.";
    BUTTON_URL: 40020, ChangeContent, "invalid button url size",
        "A button's address is empty or longer than 1,024 bytes; change it.";
    MENU_DEPTH: 40022, ChangeContent, "invalid sub_menu level",
        "A menu has two levels; take the third away.";
    SUB_MENU_SIZE: 40023, ChangeContent, "invalid sub button size",
        "A button has at most five buttons below it; take some away.";
    SUB_BUTTON_TYPE: 40024, FixCall, "invalid sub button type",
        "The type of a button below another is missing or unknown; correct the button.";
    SUB_BUTTON_NAME: 40025, ChangeContent, "invalid sub button name size",
        "The name of a button below another is empty or longer than 60 bytes; change it.";
    SUB_BUTTON_KEY: 40026, ChangeContent, "invalid sub button key size",
        "The key of a button below another is empty or longer than 128 bytes; change it.";
    SUB_BUTTON_URL: 40027, ChangeContent, "invalid sub button url size",
        "The address of a button below another is empty or longer than 1,024 bytes; change it.";
    40028, AskOperator, "invalid menu api user",
        "The account cannot set menus through the interface; see the platform's console.";
    QR_ACTION_NAME: 40052, FixCall, "invalid action name",
        "The kind of QR code is none the platform knows; the program must be corrected.";
    QR_ACTION_INFO: 40053, FixCall, "invalid action info",
        "The QR code names no scene; the program must be corrected.";
    SUB_BUTTON_DOMAIN: 40054, ChangeContent, "invalid sub button url domain",
        "The address of a button below another is not one the platform takes; change it.";
    BUTTON_DOMAIN: 40055, ChangeContent, "invalid button url domain",
        "A button's address is not one the platform takes; change it.";
    QR_SCENE_INVALID: 40129, FixCall, "invalid scene",
        "The scene of the QR code is out of range; choose another.";
    QR_CODES_FULL: 45029, AskOperator, "qrcode count out of limit",
        "The account has its 100,000 permanent QR codes; use temporary ones.";
    MENU_NOT_FOUND: 46003, FixCall, "menu no exist",
        "The account has no menu; create one first.";
    CONDITIONAL_MENU_UNKNOWN: 65301, FixCall, "there is no this menuid",
        "There is no conditional menu of this number; check the number.";
    MENU_USER_UNKNOWN: 65302, DropRecipient, "there is no this user",
        "Nobody of this name follows the account; check the name.";
    DEFAULT_MENU_MISSING: 65303, FixCall, "there is no selfmenu, please create selfmenu first",
        "A conditional menu needs a default menu; create that first.";
    MATCH_RULE_EMPTY: 65304, FixCall, "match rule empty",
        "The conditional menu names no rule; name a tag or a platform.";
    65305, AskOperator, "menu count limit",
        "The account has as many conditional menus as it may; delete one first.";
    MENU_BUTTON_EMPTY: 65308, FixCall, "exist empty button act",
        "A button of the conditional menu does nothing; give it an action.";
    65309, AskOperator, "conditional menu switch closed",
        "Conditional menus are switched off for the account; switch them on in the platform's console.";
    MENU_DOMAINS: 65316, ChangeContent, "too many domains in conditional menus",
        "All conditional menus together may link to three domains; use fewer.";
    MATCH_RULE_WITHDRAWN: 65320, FixCall, "match rule withdrawn",
        "Menus can no longer be matched by sex, place or language; use a tag or a platform.";
    SHORT_KEY_DATA_TOO_LONG: 9410010, ChangeContent, "long_data too long",
        "The text to keep is longer than 4 KB; shorten it.";
    SHORT_KEY_LIFE_TOO_LONG: 9410011, FixCall, "expire_seconds too long",
        "A short key lives 30 days at most; name a shorter life.";
    SHORT_KEY_UNKNOWN: 9410012, FixCall, "short_key invalid",
        "The short key is unknown, has expired or is another account's; make another.";
}
