import FastJSON
import IssueDecoding
public import IssueModel

/// Some members of a group.
public struct MemberPage: Hashable, Sendable {
    public var accounts: [Account]
    /// All of the group's members, where the site tells.
    public var total: Int?
    /// Where the next page begins; `nil` at the end.
    public var next: Int?
}

/// The site's accounts or groups, of which some Data Centers list only a part.
public struct SiteListing<Element: Hashable & Sendable>: Hashable, Sendable {
    public var elements: [Element]
    /// `false` where the site has others, or may have: what is not listed is then not known to be gone.
    public var isComplete: Bool
    /// How many there are, where the site tells.
    public var total: Int?
}

extension JiraClient {
    /// The account this credential belongs to. `GET /myself`.
    public func myself() async throws(JiraError) -> Account {
        try await fetch(Call(.get, "/myself")) { try Self.account($0) }
    }

    /// Every account of the site, inactive ones and apps too.
    ///
    /// Cloud: `GET /users/search`. Data Center: `GET /user/search` with a name that matches everybody.
    ///
    /// - Throws: `pagingLoop` where the site repeats a page.
    public func accounts() async throws(JiraError) -> [Account] {
        try await list(accountCall, in: nil, pageSize: Self.accountsPerPage) { Account($0) }.compactMap { $0 }
    }

    /// As many accounts as the site lists: as ``accounts()``, but a Data Center that ends its list early is no error.
    ///
    /// Such a site repeats a page, or stops at a round number without saying that there are more.
    public func listedAccounts() async throws(JiraError) -> SiteListing<Account> {
        guard flavour == .dataCenter else { return SiteListing(elements: try await accounts(), isComplete: true) }
        let pages = try await pages(accountCall, in: nil, pageSize: Self.accountsPerPage) { Account($0) }
        var known: Set<AccountID> = []
        let accounts = pages.elements.compactMap { $0 }.filter { known.insert($0.id).inserted }
        return SiteListing(elements: accounts, isComplete: pages.end != .loop && !Self.looksCut(pages.elements.count))
    }

    /// The first accounts, with one request: enough to tell whether they may be listed.
    public func firstAccounts() async throws(JiraError) -> SiteListing<Account> {
        let call = accountCall.setting("startAt", 0).setting("maxResults", Self.accountsPerPage)
        let accounts = try await wholeList(call) { Account($0) }
        return SiteListing(elements: accounts.compactMap { $0 }, isComplete: !Self.looksCut(accounts.count))
    }

    private static let accountsPerPage = 1_000

    private var accountCall: Call {
        switch flavour {
        case .cloud: Call(.get, "/users/search")
        case .dataCenter: Call(.get, "/user/search", query: [("username", "."), ("includeInactive", "true")])
        }
    }

    /// Limits of sites are round numbers.
    private static func looksCut(_ count: Int) -> Bool { count > 0 && count.isMultiple(of: 50) }

    /// Every group.
    ///
    /// Cloud: `GET /group/bulk`. Data Center: `GET /groups/picker`, which gives at most so many as the instance allows.
    ///
    /// - Throws: `incompleteListing` when Data Center has more groups than it gives.
    public func groups() async throws(JiraError) -> [Group] {
        let listing = try await listedGroups()
        guard listing.isComplete else {
            throw JiraError(.incompleteListing, endpoint: Call(.get, "/groups/picker").endpoint(flavour).description)
        }
        return listing.elements
    }

    /// As many groups as the site lists: as ``groups()``, but that Data Center has more is no error.
    public func listedGroups() async throws(JiraError) -> SiteListing<Group> {
        switch flavour {
        case .cloud:
            let groups = try await list(Call(.get, "/group/bulk"), in: "values", pageSize: 50) { try self.group($0) }
            return SiteListing(elements: groups, isComplete: true, total: groups.count)
        case .dataCenter: return try await pickedGroups()
        }
    }

    /// The first groups, with one request: enough to tell whether they may be listed.
    public func firstGroups() async throws(JiraError) -> SiteListing<Group> {
        switch flavour {
        case .cloud:
            let call = Call(.get, "/group/bulk", query: [("startAt", "0"), ("maxResults", "50")])
            let groups = try await wholeList(call, in: "values") { try self.group($0) }
            return SiteListing(elements: groups, isComplete: groups.count < 50)
        case .dataCenter:
            let first = try await groupPick("")
            return SiteListing(
                elements: first.groups, isComplete: first.groups.count >= first.total, total: first.total)
        }
    }

    private func pickedGroups() async throws(JiraError) -> SiteListing<Group> {
        let all = try await groupPick("")
        guard all.total > all.groups.count else {
            return SiteListing(elements: all.groups, isComplete: true, total: all.total)
        }
        // The picker finds names that contain the query: one letter at a time reaches the groups behind its limit.
        var found = Dictionary(all.groups.map { ($0.id, $0) }) { first, _ in first }
        for letter in "abcdefghijklmnopqrstuvwxyz0123456789-_ ." where found.count < all.total {
            for group in try await groupPick(String(letter)).groups { found[group.id] = group }
        }
        return SiteListing(
            elements: found.values.sorted { $0.name < $1.name }, isComplete: found.count >= all.total, total: all.total)
    }

    private func groupPick(_ text: String) async throws(JiraError) -> (groups: [Group], total: Int) {
        let call = Call(.get, "/groups/picker", query: [("query", text), ("maxResults", "1000")])
        return try await fetch(call) { root in
            let groups = try root.requiredArray("groups").elements.map { try self.group($0) }
            return (groups, root["total"]?.integer?.clamped ?? groups.count)
        }
    }

    /// The members of a group, inactive ones too. `GET /group/member`.
    public func members(of group: Group) async throws(JiraError) -> [Account] {
        try await list(memberCall(group), in: "values", pageSize: 50) { Account($0) }.compactMap { $0 }
    }

    /// A page of a group's members with how many there are: enough to tell whether a small group has changed.
    ///
    /// `GET /group/member`; Jira gives at most 50 a page.
    public func memberPage(of group: Group, from start: Int = 0) async throws(JiraError) -> MemberPage {
        let call = memberCall(group).setting("startAt", start).setting("maxResults", 50)
        return try await fetch(call) { root in
            let values = try root.requiredArray("values").elements.map { Account($0) }
            let end = start + values.count
            let total = root["total"]?.integer?.clamped
            let isLast = root["isLast"]?.bool ?? total.map { end >= $0 } ?? false
            return MemberPage(
                accounts: values.compactMap { $0 }, total: total, next: isLast || values.isEmpty ? nil : end)
        }
    }

    private func memberCall(_ group: Group) -> Call {
        let identity = flavour == .cloud ? ("groupId", group.id.rawValue) : ("groupname", group.name)
        return Call(.get, "/group/member", query: [identity, ("includeInactiveUsers", "true")])
    }

    /// The products' licences and the groups that carry them. `GET /applicationrole`; administrators only.
    public func applicationRoles() async throws(JiraError) -> [ApplicationRole] {
        try await wholeList(Call(.get, "/applicationrole")) { view in
            let details = view["groupDetails"]?.elements.compactMap { $0["groupId"]?.string.map { GroupID($0) } }
            let names = view["groups"]?.elements.compactMap { $0.string.map { GroupID($0.lowercased()) } }
            let groups = self.flavour == .cloud ? details ?? [] : names ?? []
            let key = try view.required("key", \.string)
            return ApplicationRole(key: key, name: view["name"]?.string ?? key, groups: groups)
        }
    }

    /// Which of `permissions` this account has somewhere. `GET /mypermissions`.
    ///
    /// - Throws: `credentialRefused` for anonymous on Data Center.
    public func ownPermissions(_ permissions: [String]) async throws(JiraError) -> Set<String> {
        let query = flavour == .cloud ? [("permissions", permissions.joined(separator: ","))] : []
        return try await fetch(Call(.get, "/mypermissions", query: query)) { root in
            let held = root["permissions"]?.members.filter { $0.value["havePermission"]?.bool == true }.map(\.name)
            return Set(held ?? []).intersection(permissions)
        }
    }

    func group(_ view: JSONView) throws(IssueDecodingError) -> Group {
        let name = try view.required("name", \.string)
        return Group(id: groupID(name: name, id: view["groupId"]?.string), name: name)
    }

    /// Data Center identifies groups by name, without regard to case.
    func groupID(name: String, id: String?) -> GroupID {
        flavour == .cloud ? GroupID(id ?? name) : GroupID(name.lowercased())
    }

    private static func account(_ view: JSONView) throws(IssueDecodingError) -> Account {
        guard let account = Account(view) else { throw .missing("accountId") }
        return account
    }
}
