import AccessControl
import Database
import Foundation
import IssueModel
import SearchIndex
import Store

/// The access facts of a large company, written without Jira: 500 projects on 12 permission schemes, 5,000 groups, 20,000
/// accounts, 50,000 acls with keys and clauses of their own, and issues that share them.
struct AccessGround {
    static let projects = 500
    static let schemes = 12
    static let groups = 5_000
    static let accounts = 20_000
    static let aclsPerProject = 100

    let store: Store
    let source: Int64
    /// Acls by project: first those of issues, then those of restricted comments.
    private(set) var acls: [[Int64]] = []

    /// An account in 500 groups.
    static let member = AccountID("account-1")
    static let membersGroups = 500
    /// Of a project's acls, those that issues have; the others are of restricted comments.
    static let aclsOfIssues = 88

    init(_ store: Store) async throws {
        self.store = store
        let key = try store.secretKey()
        source = try await store.write { context in
            let source = Source(
                name: "bench", url: "https://bench.example", apiURL: "https://bench.example", product: .cloud,
                accessMode: .mirror, credentialKind: "anonymous", created: context.now)
            return try SourceRecords.add(source, credential: nil, key: key, in: context).id
        }
        try await writePeople()
        try await writeProjects()
        acls = try await writeAcls()
    }

    private func writePeople() async throws {
        let source = source
        try await store.write { context in
            try PeopleRecords.replaceAccounts(
                (1...Self.accounts).map {
                    Account(id: AccountID("account-\($0)"), displayName: "Person Number\($0)")
                }, source: source, in: context)
            for (id, kind) in [(1, "type"), (2, "status")] {
                try context.connection.execute(
                    "INSERT INTO catalogue (id, source_id, kind, jira_id, name) VALUES (?, ?, ?, '1', ?)", id, source,
                    kind, "The \(kind)")
            }
            let groups = (1...Self.groups).map { Group(id: GroupID("group-\($0)"), name: "Group \($0)") }
            try PeopleRecords.replaceGroups(groups, source: source, in: context)
            for (index, group) in groups.enumerated() {
                // About 40 members each, and the measured account in every tenth group.
                var members = (0..<40).map { AccountID("account-\((index * 41 + $0 * 509) % Self.accounts + 1)") }
                if index % (Self.groups / Self.membersGroups) == 0 { members.append(Self.member) }
                try PeopleRecords.replaceMembers(of: group.id, members, source: source, in: context)
            }
            try PeopleRecords.replaceApplicationRoles(
                [ApplicationRole(key: "jira-software", name: "Jira", groups: groups.prefix(50).map(\.id))],
                source: source, in: context)
        }
    }

    private func writeProjects() async throws {
        let source = source
        try await store.write { context in
            try AccessRecords.replacePermissionSchemes(
                (0..<Self.schemes).map { Self.scheme($0) }, source: source, in: context)
            try AccessRecords.replaceSecurityLevels(Self.levels, source: source, in: context)
            for number in 0..<Self.projects {
                let id = EntityID("\(10_000 + number)")
                try ProjectRecords.store(
                    Project(
                        id: id, key: "P\(number)", name: "Project \(number)",
                        lead: AccountID("account-\(number + 2)")),
                    source: source, in: context)
                try ProjectRecords.setSchemes(
                    of: id, permissionScheme: EntityID("\(number % Self.schemes)"), securityScheme: nil,
                    source: source, in: context)
                try ProjectRecords.replaceRoles(of: id, Self.roles(number), source: source, in: context)
                try ProjectRecords.setAccess(.verified, verified: context.now, of: id, source: source, in: context)
            }
        }
    }

    /// Every scheme grants to two roles, a group, the lead and the reporter.
    private static func scheme(_ number: Int) -> PermissionScheme {
        let holders: [Holder] = [
            .projectRole("10"), .projectRole("11"), .group(GroupID("group-\(number * 7 + 3)")), .projectLead, .reporter,
        ]
        return PermissionScheme(
            id: EntityID("\(number)"), name: "Scheme \(number)",
            grants: holders.map { .init(permission: AudienceRules.browse, holder: $0) })
    }

    private static let levels = (1...3).map { number in
        SecurityLevel(
            id: EntityID("level-\(number)"), schemeID: "1", name: "Level \(number)",
            members: [.projectRole("10"), .group(GroupID("group-\(number * 10 + 1)")), .reporter])
    }

    /// Two roles, played by ten groups and five people together.
    private static func roles(_ number: Int) -> [RoleActors] {
        func groups(_ step: Int) -> [GroupID] {
            (0..<5).map { GroupID("group-\((number * step + $0 * 977) % Self.groups + 1)") }
        }
        return [
            RoleActors(
                role: Entity(id: "10", name: "Developers"),
                accounts: (0..<5).map { AccountID("account-\(number + $0 * 31 + 2)") },
                groups: groups(13)),
            RoleActors(role: Entity(id: "11", name: "Users"), accounts: [], groups: groups(29)),
        ]
    }

    private func writeAcls() async throws -> [[Int64]] {
        let source = source
        return try await store.write { context in
            try (0..<Self.projects).map { project in
                try (0..<Self.aclsPerProject).map { variant in
                    try AccessRecords.intern(
                        AclKey(Self.inputs(project, variant)), source: source, in: context)
                }
            }
        }
    }

    private static func inputs(_ project: Int, _ variant: Int) -> AclInputs {
        let reporter = Principal.account(AccountID("account-\((project * 17 + variant / 4) % accounts + 1)"))
        var inputs = AclInputs(project: EntityID("\(10_000 + project)"), values: [.reporter: [reporter]])
        if variant < aclsOfIssues {
            inputs.level = variant % 4 == 0 ? nil : EntityID("level-\(variant % 4)")
        } else {
            inputs.restrictions = [.visibility(kind: .role, identifier: "10", name: "Developers")]
            inputs.values[.reporter] = [.account(AccountID("account-\((project * 17 + variant) % accounts + 1)"))]
        }
        return inputs
    }

    /// Writes issues with short texts, a thousand a transaction; every acl is used by as many.
    ///
    /// - Returns: Seconds it took.
    func writeIssues(_ count: Int, _ corpus: BenchCorpus) async throws -> Double {
        let start = ContinuousClock.now
        var number = 0
        while number < count {
            let first = number + 1
            let size = min(1_000, count - number)
            let acls = acls
            let source = source
            try await store.write { context in
                let connection = context.connection
                let insert = try connection.statement(
                    """
                    INSERT INTO issue (id, source_id, jira_id, key, project_id, type_id, status_id, created, updated,
                        acl_id, summary, fetched, raw_hash) VALUES (?1, ?2, ?1, ?3, ?4, 1, 2, ?5, ?5, ?6, ?7, 0, 0)
                    """)
                for number in first..<first + size {
                    let text = corpus.issues[number % corpus.issues.count]
                    let project = number % Self.projects
                    let variant = number / Self.projects % Self.aclsOfIssues
                    insert.bind(1, Int64(number))
                    insert.bind(2, source)
                    insert.bind(3, "P\(project)-\(number)")
                    insert.bind(4, Int64(project + 1))
                    insert.bind(5, 1_400_000_000_000 + Int64(number) * 300_000)
                    insert.bind(6, acls[project][variant])
                    insert.bind(7, text.summary)
                    _ = try insert.step()
                    insert.reset()
                    var passages = [
                        SearchPassage(.summary, text: text.summary),
                        SearchPassage(.description, text: String(text.description.prefix(150))),
                    ]
                    if number % 8 == 0 {
                        passages.append(SearchPassage(.comment, id: "1", text: "build \(number)", restriction: 0))
                    }
                    let restricted = acls[project][
                        Self.aclsOfIssues + number % (Self.aclsPerProject - Self.aclsOfIssues)]
                    try SearchIndexWriter.replace(
                        issue: Int64(number), text: SearchText(passages), restrictions: [restricted], in: connection)
                }
                context.noteContentChange()
            }
            number += size
        }
        return (ContinuousClock.now - start).seconds
    }
}
