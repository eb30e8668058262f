import AccessControl
import IssueDecoding
import IssueModel
import JiraClient
import Store

/// Something that the copy's exactness rests on, and that Jira shows only to accounts with the right to it.
struct ReadingRight {
    /// Stable, for scripts.
    var code: String
    /// What is read, to stand before "can be read".
    var name: String
    /// What is not exact, or not there, without it.
    var lost: String
    /// Which right of Jira would restore it.
    var restore: String
    /// Whether a site cannot be mirrored without it.
    var isNeeded = true

    static let administer = "Give the account the global permission Administer Jira."

    static func allSchemes(_ flavour: Flavour) -> ReadingRight {
        ReadingRight(
            code: "permission_schemes", name: "The list of permission schemes",
            lost: "Each project's scheme is then read by itself: more requests, nothing less exact.",
            restore: administer, isNeeded: false)
    }

    static func projectScheme(_ key: String) -> ReadingRight {
        ReadingRight(
            code: "project_scheme", name: "The permission scheme of project \(key)",
            lost: "Who may browse a project stays unknown, so it would be hidden from every member.",
            restore: "Give the account Administer Jira, or Administer Projects in every project that is to be copied.")
    }

    static func roles(_ key: String) -> ReadingRight {
        ReadingRight(
            code: "roles", name: "The roles of project \(key) and who plays them",
            lost: "What is granted to a role, and comments restricted to one, would be hidden from every member.",
            restore: "Give the account Administer Jira, or Administer Projects in every project that is to be copied.")
    }

    static func groups(_ flavour: Flavour) -> ReadingRight {
        // On Data Center a group is its name: those that rules name are read one by one, listed or not.
        ReadingRight(
            code: "groups", name: flavour == .cloud ? "Groups" : "The list of groups",
            lost: flavour == .cloud
                ? "What is granted to a group would be hidden from every member."
                : "Names of groups cannot be suggested; nothing is less exact.",
            restore: flavour == .cloud
                ? "Give the account the global permission Browse users and groups."
                : "Give the account the global permission Browse Users.", isNeeded: flavour == .cloud)
    }

    static func members(_ flavour: Flavour) -> ReadingRight {
        ReadingRight(
            code: "group_members", name: "The members of groups",
            lost: "What is granted to a group would be hidden from every member.",
            restore: flavour == .cloud
                ? "Give the account the global permission Browse users and groups." : administer)
    }

    static func accounts(_ flavour: Flavour) -> ReadingRight {
        ReadingRight(
            code: "accounts", name: "The site's accounts",
            lost: "Members cannot be matched with accounts, so they would see nothing.",
            restore: flavour == .cloud
                ? "Give the account the global permission Browse users and groups."
                : "Give the account the global permission Browse Users.")
    }

    static let licences = ReadingRight(
        code: "application_roles", name: "Application access (licences and their groups)",
        lost: "What is granted to “any logged-in user” or to an application's users would be hidden from every member.",
        restore: administer, isNeeded: false)

    static let securitySchemes = ReadingRight(
        code: "security_schemes", name: "Issue security schemes",
        lost: "Issues with a security level would be hidden from every member.", restore: administer,
        isNeeded: false)

    static let auditLog = ReadingRight(
        code: "audit_log", name: "The audit log",
        lost: "Changes of the rules are then found by reading the rules in turn instead of by name: more requests, and "
            + "still within the refresh and the lease that are set.",
        restore: "Give the account Administer Jira; Jira's free plan has no audit log.", isNeeded: false)

    static let permissionCheck = ReadingRight(
        code: "permissions_check", name: "What Jira would show to other accounts",
        lost: "What is shown cannot be checked against Jira itself, except for members who link their own accounts.",
        restore: administer, isNeeded: false)

    static let levelMembers = ReadingRight(
        code: "security_levels", name: "The members of security levels",
        lost: "Issues with a security level would be hidden from every member.", restore: administer,
        isNeeded: false)
}

extension SourceSetup {
    /// Asks for everything the access mode rests on, right by right, and says which mode follows from it.
    func checkRights(
        _ client: JiraClient, _ projects: [FetchedProject], _ mode: Source.AccessMode?, anonymous: Bool,
        _ findings: inout Findings
    ) async {
        switch mode ?? (anonymous ? .public : nil) {
        case .public where !anonymous: findings.checks.append(.notPublic)
        case .public: conclude(.public, &findings)
        case .shared: conclude(.shared, &findings)
        case .linked:
            await checkOwnPermissions(client, &findings)
            await checkAccounts(client, &findings)
            conclude(.linked, &findings)
        case .mirror, nil:
            await checkOwnPermissions(client, &findings)
            await checkMirror(client, projects, isChoosing: mode == nil, &findings)
            conclude(mode, &findings)
        }
    }

    /// Projects whose scheme is tried where the schemes cannot be listed.
    private static let triedProjects = 20

    private func checkMirror(
        _ client: JiraClient, _ projects: [FetchedProject], isChoosing: Bool, _ findings: inout Findings
    ) async {
        let flavour = client.flavour
        var works = true
        func attempt(_ right: ReadingRight, _ body: () async throws(JiraError) -> Void) async -> Bool {
            guard let error = await Self.failure(of: body) else {
                findings.note(right, nil)
                return true
            }
            works = works && !right.isNeeded
            // A mode must not be chosen by a hiccup of the site.
            if right.isNeeded, isChoosing, !error.isDenial {
                findings.fail(right.code, error)
            } else {
                findings.note(right, error)
            }
            return false
        }
        let seesAll = await attempt(.allSchemes(flavour)) { () async throws(JiraError) in
            _ = try await client.permissionSchemes()
        }
        // Who administers Jira reads every project's scheme alike; others may administer some projects only.
        for project in projects.prefix(seesAll ? 1 : Self.triedProjects) where works {
            let (id, key) = (project.project.id, project.project.key)
            _ = await attempt(.projectScheme(key)) { () async throws(JiraError) in
                _ = try await client.permissionScheme(ofProject: id)
            }
            _ = await attempt(.roles(key)) { () async throws(JiraError) in
                _ = try await client.roleActors(in: id)
            }
        }
        var groups: [Group] = []
        _ = await attempt(.groups(flavour)) { () async throws(JiraError) in
            let first = try await client.firstGroups()
            groups = first.elements
            if flavour == .dataCenter { findings.noteGroups(first) }
        }
        _ = await attempt(.licences) { () async throws(JiraError) in
            let named = try await client.applicationRoles().flatMap(\.groups)
            if flavour == .dataCenter { groups += named.map { Group(id: $0, name: $0.rawValue) } }
        }
        if let group = groups.first {
            _ = await attempt(.members(flavour)) { () async throws(JiraError) in
                _ = try await client.memberPage(of: group)
            }
        }
        let accounts = await checkAccounts(client, &findings)
        works = works && accounts != nil
        await checkLevels(client, &findings)
        if flavour == .cloud {
            _ = await attempt(.auditLog) { () async throws(JiraError) in _ = try await client.newestAuditRecord() }
            if let other = accounts?.first(where: {
                $0.isActive && $0.kind == .person && $0.id != findings.identity?.account?.id
            }) {
                _ = await attempt(.permissionCheck) { () async throws(JiraError) in
                    // Ids that are no issue's are ignored; whether the question is allowed is what counts.
                    _ = try await client.permissionCheck(account: other.id, issues: [IssueID(1)])
                }
            }
        }
        findings.canMirror = works
    }

    /// - Returns: The first of the accounts; `nil` where they cannot be listed.
    @discardableResult
    private func checkAccounts(_ client: JiraClient, _ findings: inout Findings) async -> [Account]? {
        var accounts: [Account] = []
        var isAll = true
        let error = await Self.failure(of: { () async throws(JiraError) in
            let first = try await client.firstAccounts()
            (accounts, isAll) = (first.elements, first.isComplete)
        })
        findings.note(.accounts(client.flavour), error)
        guard error == nil else { return nil }
        let people = accounts.filter { $0.isActive && $0.kind == .person }
        let hidden = people.filter { ($0.email ?? "").isEmpty }.count
        guard hidden > 0 else {
            findings.checks.append(
                SourceCheck(
                    "emails", .ok,
                    isAll
                        ? "Everybody's e-mail address can be read."
                        : "The e-mail addresses of the first \(people.count) people can be read."))
            return accounts
        }
        findings.checks.append(
            SourceCheck(
                "emails", .warn,
                "\(hidden) of \(isAll ? "" : "the first ")\(people.count) people show no e-mail address.",
                why: "Members cannot be matched with those accounts by e-mail, and see nothing until they are linked.",
                fix: "Link them with 'drawbridge member link EMAIL --source NAME', by hand or with their own token."))
        return accounts
    }

    /// The site-wide permissions the credential's own account has, in Jira's words.
    private func checkOwnPermissions(_ client: JiraClient, _ findings: inout Findings) async {
        let names = [
            "ADMINISTER": "Administer Jira", "SYSTEM_ADMIN": "System administrator",
            "USER_PICKER": "Browse users and groups", "BROWSE_PROJECTS": "Browse Projects",
            "ADMINISTER_PROJECTS": "Administer Projects",
        ]
        var held: Set<String> = []
        let error = await Self.failure(of: { () async throws(JiraError) in
            held = try await client.ownPermissions(names.keys.sorted())
        })
        guard error == nil else { return }
        let list = held.compactMap { names[$0] }.sorted()
        findings.checks.append(
            SourceCheck(
                "own_permissions", .ok,
                list.isEmpty
                    ? "The account has none of Jira's administrative permissions."
                    : "The account has, at least somewhere: \(list.joined(separator: ", "))."))
    }

    private func checkLevels(_ client: JiraClient, _ findings: inout Findings) async {
        var schemes: [Entity] = []
        let error = await Self.failure(of: { () async throws(JiraError) in schemes = try await client.securitySchemes()
        })
        findings.note(.securitySchemes, error)
        guard error == nil, let first = schemes.first else { return }
        guard client.flavour == .cloud else {
            findings.checks.append(
                SourceCheck(
                    "security_levels", .warn, "Data Center does not tell who is in a security level.",
                    why: "Issues with a level stay hidden from members, except those who link their own account.",
                    fix: "Declare a level's members with 'drawbridge access declare-level', or let members link their "
                        + "accounts with 'drawbridge member link'."))
            return
        }
        findings.note(
            .levelMembers,
            await Self.failure(of: { () async throws(JiraError) in
                _ = try await client.securityLevels(ofScheme: first.id)
            }))
    }

    private static func failure(of body: () async throws(JiraError) -> Void) async -> JiraError? {
        do throws(JiraError) {
            try await body()
            return nil
        } catch {
            return error
        }
    }

    /// Says which mode follows, and what it means for those who will search.
    private func conclude(_ asked: Source.AccessMode?, _ findings: inout Findings) {
        let mode = asked ?? (findings.canMirror ? .mirror : .linked)
        let check: SourceCheck
        switch mode {
        case .mirror where findings.canMirror:
            check = SourceCheck(
                "access_mode", .ok, "Access mode mirror: each member sees what Jira's own rules show their account.")
        case .mirror:
            check = SourceCheck(
                "access_mode", .warn, "Access mode mirror, but the account may not read the rules.",
                why: "What depends on a right that is missing stays hidden from every member.",
                fix: "Give the account the rights named above, or use --access linked.")
        case .linked:
            check = SourceCheck(
                "access_mode", asked == nil ? .warn : .ok,
                "Access mode linked: each member sees what their own Jira account lists, once it is linked.",
                why: asked == nil
                    ? "The account may not read all of the rules. Until members link their accounts they see nothing."
                    : "",
                fix: asked == nil
                    ? "Let members link their accounts with 'drawbridge member link', or give the account the rights "
                        + "named above and choose 'drawbridge access configure NAME --mode mirror'."
                    : "")
        case .public:
            check = SourceCheck(
                "access_mode", .ok, "Access mode public: everybody sees what the site shows without signing in.")
        case .shared: check = .shared
        }
        findings.checks.append(check)
    }
}

extension SourceCheck {
    /// What the mode shared means, in so many words.
    public static let shared = SourceCheck(
        "access_shared", .warn,
        "Access mode shared: every member sees everything that the source's credential sees, whatever Jira would show "
            + "them.",
        why: "Permission schemes, security levels and restricted comments keep nobody out.",
        fix: "Use an account that sees only what all members may see, or choose --access mirror or linked.")

    /// Why an account's view is not made public.
    static let notPublic = SourceCheck(
        "access_public", .fail, "Access mode public is for sites that are read without signing in.",
        why: "Everybody, members or not, would see what this credential sees.",
        fix: "Use --anonymous, or choose --access mirror, linked or shared.")
}

extension SourceSetup.Findings {
    /// Notes where Data Center lists only some of its groups.
    fileprivate mutating func noteGroups(_ listing: SiteListing<Group>) {
        guard !listing.isComplete, let total = listing.total else { return }
        checks.append(
            SourceCheck(
                "group_names", .warn, "Jira lists \(listing.elements.count) of its \(total) groups at a time.",
                why:
                    "Nothing is less exact, as the groups that rules name are read one by one. Names of others may not be "
                    + "suggested."))
    }

    /// Notes what asking for a right came to; no error is that it is there.
    fileprivate mutating func note(_ right: ReadingRight, _ error: JiraError?) {
        guard let error else {
            checks.append(SourceCheck(right.code, .ok, "\(right.name) can be read."))
            return
        }
        guard error.isDenial else {
            checks.append(
                SourceCheck(
                    right.code, .warn, "\(right.name): Jira did not answer whether this can be read.",
                    why: error.circumstances, fix: "Try again with 'drawbridge source test'.",
                    diagnosis: Diagnosis(error)))
            return
        }
        checks.append(
            SourceCheck(
                right.code, .warn, "\(right.name) cannot be read.", why: "\(right.lost) \(error.circumstances)",
                fix: error.code == .scopeMissing
                    ? "Make a token that also has the scope for this request." : right.restore,
                diagnosis: error.code == .scopeMissing ? .scopeMissing : nil))
    }
}

extension JiraError {
    /// Whether the site does not give this to the account, as opposed to failing just now.
    fileprivate var isDenial: Bool {
        !concernsReachability && code != .rateLimited && code != .cancelled
    }
}
