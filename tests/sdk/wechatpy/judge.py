"""wechatpy, unchanged, against the sandbox through all three doors."""

import sys

import wechatpy
from wechatpy import WeChatClient
from wechatpy.client.api import WeChatDataCube

from agents import Agents
from content import Content
from notices import Notices
from people import People
from platforms import Platforms
from stage import BASE, Account, Checks, by_hosts_file, by_proxy


class Flows(People, Content, Notices, Agents, Platforms):
    """What an integrator does, one method a flow. `whole` doors know every address of the SDK."""

    def __init__(self, account, client, whole):
        self.account, self.client, self.whole = account, client, whole


FIRST = ["tokens", "a_wrong_secret_is_named"]
# The ones that move the clock by hours, or spend what others need.
LAST = ["a_day_has_its_limit", "quotas", "statistics", "an_expired_token_is_refreshed",
        "a_third_party_platform"]
# What flows are made of.
PARTS = ["draft", "library", "kf", "agent_does"]


def flows():
    apart = (*PARTS, *FIRST, *LAST)
    names = [name for part in (People, Content, Notices, Agents)
             for name, value in vars(part).items() if callable(value) and name not in apart]
    return [*FIRST, *names, *LAST]


def through(door, seed, make, whole, checks):
    account = Account(seed, followers=30, name=f"wechatpy {door}")
    flow = Flows(account, make(account), whole)
    for name in flows():
        check = getattr(flow, name)
        if whole or not getattr(check, "by_name", False):
            checks.run(f"wechatpy · {door} · {name.replace('_', ' ')}", check)


def main():
    checks = Checks()
    print(f"wechatpy {wechatpy.__version__}", flush=True)

    class AtBaseAddress(WeChatClient):
        API_BASE_URL = f"{BASE}/cgi-bin/"

    away, WeChatDataCube.API_BASE_URL = WeChatDataCube.API_BASE_URL, f"{BASE}/datacube/"
    through("base address", 101,
            lambda account: AtBaseAddress(account.appid, account.secret, account.token()),
            False, checks)
    WeChatDataCube.API_BASE_URL = away
    make = lambda account: WeChatClient(account.appid, account.secret)
    with by_hosts_file():
        through("TLS", 102, make, True, checks)
    with by_proxy():
        through("proxy", 103, make, True, checks)
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
