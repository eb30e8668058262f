import AccessEngine
import Console
import Database
import FastJSON
import HTTPClient
import IssueModel
import JiraClient
import Reading
import Store
import Workspace

extension Command {
    static let members: [Command] = [memberAdd, memberList, memberRemove, memberLink, memberUnlink, memberPeople]

    private static let emailArgument = Argument(name: "EMAIL", help: "the member's e-mail address")
    private static let jsonOption = Option.flag("--json", "print it as JSON")

    private static let memberAdd = Command(
        words: ["member", "add"], summary: "Add a member: a person who may use this installation",
        arguments: [Argument(name: "EMAIL", help: "the person's e-mail address, exactly as their mail uses it")],
        options: [
            .value("--role", "ROLE", "owner, admin or member (the default); no role shows more of Jira than another"),
            .value("--name", "NAME", "what to call the person"),
            .flag("--unverified", "do not vouch for the address: it then links to no Jira account by itself"),
            jsonOption,
        ],
        discussion: """
            Adding a member vouches that the address is this person's. In each source the member is then the one active account
            that has exactly this address, if there is one; 'member people' shows who is matched and the way out where nobody is.
            """,
        example: "drawbridge member add ada@acme.com --role admin --name Ada"
    ) { invocation in
        let member = Member(
            email: invocation.arguments[0], name: invocation.value("--name"),
            role: try invocation.choice("--role", Member.Role.self) ?? .member,
            emailVerified: !invocation.has("--unverified"), added: Session.now)
        return try await Session.with(invocation, for: .writing) { session in
            let added = try await session.store.write { try MemberRecords.add(member, in: $0) }
            try await session.show(added, json: invocation.wantsJSON, heading: "Added")
            return .done
        }
    }

    private static let memberList = Command(
        words: ["member", "list"], summary: "List the members, and which Jira accounts they are",
        options: [jsonOption], example: "drawbridge member list"
    ) { invocation in
        try await Session.with(invocation, for: .reading) { session in
            let reports = try await MemberReport.all(in: session.store)
            if invocation.wantsJSON {
                var json = JSONWriter()
                json.object { json in
                    json.key("members")
                    json.array { json in reports.forEach { $0.write(to: &json) } }
                }
                Terminal.print(json.bytes)
            } else {
                if reports.isEmpty { Terminal.print("No members yet. Add one with 'drawbridge member add EMAIL'.") }
                reports.forEach { Terminal.print($0.text) }
            }
            return .done
        }
    }

    private static let memberRemove = Command(
        words: ["member", "remove"], summary: "Remove a member with all links and own credentials",
        arguments: [emailArgument], example: "drawbridge member remove ada@acme.com"
    ) { invocation in
        try await Session.with(invocation, for: .writing) { session in
            let email = invocation.arguments[0]
            let removed = try await session.store.write { context in
                let member = try MemberRecords.member(named: email, in: context.connection)
                try MemberRecords.remove(member, in: context)
                return member
            }
            Terminal.print("Removed \(Terminal.visible(removed.email)).")
            return .done
        }
    }

    private static let sourceOption = Option.value("--source", "NAME", "the source")

    private static let memberLink = Command(
        words: ["member", "link"], summary: "Link a member to a Jira account, by the person's own token or by hand",
        arguments: [emailArgument],
        options: [
            sourceOption,
            .value("--account", "ID", "by hand: the account id or user key, as 'member people' shows it"),
            .value("--email", "E", "Cloud: the e-mail of the person's own Jira account"),
            .value("--token-file", "F", "a file with an API token of that account; - reads standard input"),
            .value("--pat-file", "F", "Data Center: a file with a personal access token of the person"),
            .value("--username", "U", "Data Center or Server: the person's user name"),
            .value("--password-file", "F", "a file with that user's password"), jsonOption,
        ],
        discussion: """
            A token is tried at the source's own site, which says whose it is; it is kept sealed, and what it lists is what the
            member sees of a source in mode 'linked'. By hand the word of whoever runs this command is the proof.
            """,
        example: "drawbridge member link ada@acme.com --source work --account 712020:3f1c"
    ) { invocation in
        let credential = try credential(of: invocation)
        let account = invocation.value("--account")
        guard (account == nil) != (credential == nil) else {
            throw UsageError(
                "'member link' takes either --account or the person's own credential: --email with --token-file, "
                    + "--pat-file, or --username with --password-file")
        }
        return try await Session.with(invocation, for: .writing) { session in
            let (member, source) = try await session.memberAndSource(invocation)
            var listing: ListingSummary?
            if let credential {
                listing = try await session.prove(member, source, credential, invocation.environment)
            } else if let account {
                try await session.store.write { context in
                    try IdentityLinks.set(
                        AccountID(account), for: member, source: source, at: Session.now, in: context)
                }
            }
            try await session.show(member, json: invocation.wantsJSON, heading: "Linked")
            guard let problem = listing?.problems.first else { return .done }
            Terminal.note(
                "drawbridge: The link is kept, but what Jira shows the account could not be listed, so the member sees "
                    + "nothing by it yet. \(Terminal.visible(problem.message)) The next refresh tries again.")
            return .partlyDone
        }
    }

    private static let memberUnlink = Command(
        words: ["member", "unlink"],
        summary: "End a member's link to a source: destroy the own token, and keep the address from linking",
        arguments: [emailArgument],
        options: [
            sourceOption, .flag("--forget-refusal", "the other way round: let the address link again"), jsonOption,
        ],
        example: "drawbridge member unlink ada@acme.com --source work"
    ) { invocation in
        try await Session.with(invocation, for: .writing) { session in
            let (member, source) = try await session.memberAndSource(invocation)
            let forgets = invocation.has("--forget-refusal")
            try await session.store.write { context in
                if forgets {
                    try IdentityLinks.forgetRefusal(for: member, source: source.id, in: context)
                } else {
                    try IdentityLinks.refuse(member, source: source.id, at: Session.now, in: context)
                }
            }
            try await session.show(member, json: invocation.wantsJSON, heading: forgets ? "Not refused" : "Unlinked")
            return .done
        }
    }

    private static let memberPeople = Command(
        words: ["member", "people"],
        summary: "Show who is who in a source: members matched, ambiguous and unmatched, accounts without a member",
        options: [sourceOption, jsonOption], example: "drawbridge member people --source work"
    ) { invocation in
        try await Session.with(invocation, for: .reading) { session in
            let source = try await session.memberSource(invocation)
            let table = try await session.store.read { try PeopleTable(of: source, in: $0) }
            if invocation.wantsJSON {
                Terminal.print(table.json)
            } else {
                Terminal.print(Terminal.visible(table.text()))
            }
            return .done
        }
    }
}

extension Session {
    /// The source that `--source` names.
    fileprivate func memberSource(_ invocation: Invocation) async throws -> Source {
        guard let name = invocation.value("--source") else {
            throw UsageError("'\(invocation.command.name)' needs --source NAME")
        }
        let source = try await source(named: name)
        guard source.state != .removed else {
            throw StoreError(.notFound, "'\(source.name)' was removed; add it again to use it")
        }
        return source
    }

    fileprivate func memberAndSource(_ invocation: Invocation) async throws -> (Member, Source) {
        let source = try await memberSource(invocation)
        let email = invocation.arguments[0]
        return (try await store.read { try MemberRecords.member(named: email, in: $0) }, source)
    }

    /// Links a member by the person's own credential, and lists what Jira shows the account where the source's mode
    /// goes by that.
    fileprivate func prove(
        _ member: Member, _ source: Source, _ credential: Credential, _ environment: [String: String]
    ) async throws -> ListingSummary {
        let (transport, gateway) = (CurlTransport(), Session.gatewayURL(environment))
        let account = try await PersonalLink(store: store, transport: transport, gatewayURL: gateway)
            .link(member, to: source, with: credential)
        let access = PersonalAccess(store: store, transport: transport, gatewayURL: gateway)
        let refresh = ListingRefresh(store: store, source: source, access: access)
        return try await Terminal.whileWorking(on: "Listing what Jira shows \(account.displayName)") {
            try await refresh.run(.everything, account: account.id)
        }
    }

    /// Shows a member after a change.
    fileprivate func show(_ member: Member, json: Bool, heading: String) async throws {
        let report = try await store.read { try MemberReport(member, in: $0) }
        if json {
            var writer = JSONWriter()
            report.write(to: &writer)
            Terminal.print(writer.bytes)
        } else {
            Terminal.print("\(heading): \(report.text)")
        }
    }
}

/// A member with the links to every source.
private struct MemberReport {
    let member: Member
    let links: [(source: Source, row: PeopleTable.MemberRow)]

    init(_ member: Member, in connection: Connection) throws {
        self.member = member
        links = try SourceRecords.all(in: connection, includingRemoved: false).map { source in
            (source, try PeopleTable.MemberRow(of: member, in: source, connection))
        }
    }

    static func all(in store: Store) async throws -> [MemberReport] {
        try await store.read { connection in
            try MemberRecords.list(in: connection).map { try MemberReport($0, in: connection) }
        }
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("email", member.email)
            json.member("name", member.name)
            json.member("role", member.role.rawValue)
            json.member("emailVerified", member.emailVerified)
            json.member("added", member.added.rfc3339)
            json.key("links")
            json.array { json in
                for (source, row) in links {
                    json.object { json in
                        json.member("source", source.name)
                        row.writeLink(to: &json)
                    }
                }
            }
        }
    }

    var text: String {
        let name = member.name == member.email ? "" : " (\(member.name))"
        let unverified = member.emailVerified ? "" : ", address not verified"
        let lines = links.flatMap { source, row in
            ["    \(source.name): \(row.words)"] + (row.remark.code == nil ? [] : ["        \(row.remark.message)"])
        }
        return Terminal.visible(
            (["\(member.email)\(name), \(member.role.rawValue)\(unverified)"] + lines).joined(separator: "\n"))
    }
}
