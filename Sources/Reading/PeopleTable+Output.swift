import AccessControl
public import FastJSON
import IssueModel
import Store
import Workspace

extension PeopleTable {
    /// The `member people` document.
    public var json: [UInt8] {
        var writer = JSONWriter()
        writer.object { json in
            json.member("source", source)
            json.member("accessMode", mode.rawValue)
            json.key("members")
            json.array { json in members.forEach { $0.write(to: &json) } }
            json.key("accounts")
            json.array { json in accounts.forEach { $0.write(to: &json) } }
            json.key("counts")
            json.object { json in
                for state in ["linked", "ambiguous", "unmatched", "refused"] { json.member(state, count(state)) }
                json.member("accountsWithoutMember", accounts.count)
            }
        }
        return writer.bytes
    }

    /// The same for people: members first, then accounts that are nobody's here, at most `limit` of them.
    public func text(limit: Int = 50) -> String {
        var lines = [
            "\(source), access \(mode.rawValue): \(count("linked")) linked, \(count("ambiguous")) ambiguous, "
                + "\(count("unmatched")) unmatched, \(count("refused")) refused"
        ]
        if members.isEmpty { lines.append("No members yet; add one with `drawbridge member add EMAIL`.") }
        for row in members {
            lines.append("")
            lines.append("\(row.member.email)  \(row.words)")
            lines.append("    \(row.remark.message)")
            if !row.remark.fix.isEmpty { lines.append("    \(row.remark.fix)") }
        }
        let open = accounts.filter(\.account.isActive)
        lines.append("")
        lines.append("Accounts without a member: \(accounts.count), \(accounts.count - open.count) of them inactive")
        for row in open.prefix(limit) {
            let address = row.account.email.map { "  \($0)" } ?? ""
            lines.append("  \(row.account.id)  \(row.account.displayName)\(address)  \(row.remark.message)")
        }
        if open.count > limit { lines.append("  … and \(open.count - limit) more; --json lists all.") }
        return lines.joined(separator: "\n")
    }
}

extension PeopleTable.MemberRow {
    /// The state in a few words: the account and its proof, or the accounts in question.
    public var words: String {
        switch state {
        case .linked(let id, let proof, let since):
            let name = account.map { " (\($0.displayName))" } ?? ""
            return "linked to \(id)\(name) by \(proof.rawValue)\(since.map { ", since \($0.forPeople)" } ?? "")"
        case .ambiguous(let accounts): return "ambiguous: \(Self.list(accounts))"
        case .unmatched(let gap):
            return "unmatched" + (gap.accounts.isEmpty ? "" : ": \(Self.list(gap.accounts))")
        case .refused(let since): return "refused, since \(since.forPeople)"
        }
    }

    private static func list(_ accounts: [AccountID]) -> String {
        accounts.prefix(5).map(\.rawValue).joined(separator: ", ") + (accounts.count > 5 ? ", …" : "")
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("email", member.email)
            json.member("name", member.name)
            json.member("role", member.role.rawValue)
            json.member("emailVerified", member.emailVerified)
            writeLink(to: &json)
        }
    }

    /// The members that tell of the link, into an object that is open.
    public func writeLink(to json: inout JSONWriter) {
        json.member("state", state.name)
        json.member("account", state.account?.rawValue)
        json.member("displayName", account?.displayName)
        var proof: LinkProof?
        var since: Timestamp?
        var candidates: [AccountID] = []
        switch state {
        case .linked(_, let linkProof, let start): (proof, since) = (linkProof, start)
        case .ambiguous(let accounts): candidates = accounts
        case .unmatched(let gap): candidates = gap.accounts
        case .refused(let start): since = start
        }
        json.member("proof", proof?.rawValue)
        json.member("since", since?.rfc3339)
        json.member("tokenStored", credentialStored?.rfc3339)
        json.strings("candidates", candidates.map(\.rawValue))
        remark.write(to: &json)
    }
}

extension PeopleTable.AccountRow {
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("account", account.id.rawValue)
            json.member("name", account.name)
            json.member("displayName", account.displayName)
            json.member("email", account.email)
            json.member("active", account.isActive)
            remark.write(to: &json)
        }
    }
}

extension PeopleRemark {
    /// Into an object that is open.
    func write(to json: inout JSONWriter) {
        json.member("reason", code)
        json.member("message", message)
        json.member("fix", fix)
    }
}
