import AccessControl
import IssueModel
public import Store
public import Workspace

/// What a row of the people table means, and the way out where there is something to mend.
public struct PeopleRemark: Hashable, Sendable {
    /// A stable word; `nil` where all is well.
    public var code: String?
    public var message: String
    /// What to do; empty where there is nothing to do.
    public var fix: String

    init(_ code: String?, _ message: String, fix: String = "") {
        self.code = code
        self.message = message
        self.fix = fix
    }

    /// A member's row.
    public init(_ state: LinkState, of member: Member, source: Source, hasCredential: Bool) {
        let byToken = Self.byToken(member, source)
        let byHand = "`drawbridge member link \(member.email) --source \(source.name) --account ID`"
        switch state {
        case .linked where source.accessMode == .linked && !hasCredential:
            self.init(
                "needs_token", "Linked, but this source shows people only what their own credential lists.",
                fix: "Let the person give one: \(byToken).")
        case .linked(_, .email, _): self.init(nil, "The one active account with this verified address.")
        case .linked(_, .token, _): self.init(nil, "Signed in with a credential of this account.")
        case .linked(_, .manual, _): self.init(nil, "Linked by hand.")
        case .ambiguous(let accounts):
            self.init(
                "ambiguous", "\(accounts.count) active accounts have this address, so it proves nothing.",
                fix: "Link the right one: \(byHand), or with the person's token: \(byToken).")
        case .refused:
            self.init(
                "refused", "The address was kept from linking.",
                fix: "`drawbridge member unlink \(member.email) --source \(source.name) --forget-refusal` lets it link "
                    + "again; \(byHand) links an account.")
        case .unmatched(let gap):
            self.init(gap.code, Self.words(gap, source), fix: Self.fix(gap, member, source, byHand, byToken))
        }
    }

    /// The row of a member whose own credential could not be used of late.
    ///
    /// - Parameter isRefused: What it listed counts as nothing; otherwise that holds until its lease ends.
    init(_ problem: String, isRefused: Bool, of member: Member, source: Source) {
        self.init(
            isRefused ? "token_refused" : "listing_failed",
            (isRefused
                ? "The person's own credential no longer works, so nothing is shown by it. "
                : "What the person's own credential lists could not be read again. ") + problem,
            fix: isRefused
                ? "Let the person give a new one: \(Self.byToken(member, source))."
                : "The next refresh tries again; `drawbridge access refresh \(source.name)` does so now.")
    }

    /// The row of an account that no member is.
    ///
    /// - Parameter sharing: The member who has the account's address.
    init(_ account: Account, sharing row: PeopleTable.MemberRow?, source: Source) {
        guard account.isActive else {
            self.init("inactive", "Jira lets nobody sign in with it.")
            return
        }
        guard let email = account.email else {
            self.init(
                "email_hidden", "The account hides its address.",
                fix: "Link it to a member by hand: `drawbridge member link EMAIL --source \(source.name) --account "
                    + "\(account.id)`, or let the person link it with an own token.")
            return
        }
        guard let row else {
            self.init(
                "no_member", "No member has this address.",
                fix: "`drawbridge member add \(email)` if the person is one.")
            return
        }
        switch row.state {
        case .linked(let other, let proof, _):
            self.init(
                "member_elsewhere",
                "The member with this address is linked to \(other) \(proof == .manual ? "by hand" : "by token").")
        case .ambiguous, .refused, .unmatched:
            self.init(row.remark.code, row.remark.message, fix: row.remark.fix)
        }
    }

    private static func words(_ gap: LinkGap, _ source: Source) -> String {
        switch gap {
        case .emailUnverified: "Nobody vouches for this address, so it links to nothing."
        case .noSuchAccount: "No account of \(source.name) has this address."
        case .emailHidden(let count):
            "No account of \(source.name) shows this address; \(count) \(count == 1 ? "account hides its" : "hide theirs")."
        case .inactive: "The account with this address is inactive: Jira lets nobody sign in with it."
        case .notAPerson: "The account with this address is an app's or a portal customer's."
        case .taken: "Another member is linked to the account with this address, by token or by hand."
        case .accountRetired: "The linked account is inactive or gone: Jira lets nobody sign in with it."
        }
    }

    private static func fix(
        _ gap: LinkGap, _ member: Member, _ source: Source, _ byHand: String, _ byToken: String
    ) -> String {
        switch gap {
        case .emailUnverified: "Let the person link with an own token: \(byToken); or link by hand: \(byHand)."
        case .noSuchAccount:
            "If the person has an account with another address, link it with their token: \(byToken); or by hand: "
                + "\(byHand)."
        case .emailHidden:
            "The person may show the address in Atlassian's account settings (Profile and visibility), link with an own "
                + "token: \(byToken), or be linked by hand: \(byHand)."
        case .inactive, .accountRetired:
            "If the person uses another account, link that one: \(byHand). Otherwise activate it in Jira."
        case .notAPerson: "Link the account with which the person uses Jira: \(byHand)."
        case .taken:
            "If that is wrong, `drawbridge member list` shows who it is; unlink that member, then link this one."
        }
    }

    private static func byToken(_ member: Member, _ source: Source) -> String {
        let options = source.product == .cloud ? "--email E --token-file F" : "--pat-file F"
        return "`drawbridge member link \(member.email) --source \(source.name) \(options)`"
    }
}
