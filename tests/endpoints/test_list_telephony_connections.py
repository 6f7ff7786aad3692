from tests.harness import Account


def test_they_are_listed_page_by_page_oldest_first_and_those_of_the_account_alone(
    account: Account, other_account: Account
) -> None:
    other_account.new_connection()
    made = sorted(account.new_connection() for _ in range(3))
    pages = [page["telephony_connections"] for page in account.pages("list_telephony_connections", limit="2")]
    assert [[it["id"] for it in page] for page in pages] == [made[:2], made[2:]]
    assert pages[0][0] == account.call("get_telephony_connection", made[0]).json["telephony_connection"]
