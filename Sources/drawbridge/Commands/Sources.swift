import AccessControl
import AuditTrail
import Configuration
import Console
import FastJSON
import IssueModel
import JiraClient
import SiteConnection
import SourceAdministration
import Store
import SyncEngine

extension Command {
    static let sources: [Command] = [
        sourceAdd, sourceTest, sourceCredential, sourceList, sourceRemove, change("pause", to: .paused),
        change("resume", to: .active), sourceSchedule,
    ]

    private static let credentialOptions: [Option] = [
        .value("--email", "E", "Cloud: the e-mail of the account or service account whose API token is used"),
        .value("--token-file", "F", "a file with that API token; - reads standard input"),
        .value("--pat-file", "F", "Data Center: a file with a personal access token"),
        .value("--username", "U", "Data Center or Server: a user name"),
        .value("--password-file", "F", "a file with that user's password"),
        .flag("--anonymous", "read what the site shows to everybody"),
    ]

    private static let expiryOption = Option.value(
        "--expires", "DATE", "when the credential ends, as 2027-05-01: you are warned 30, 7 and 1 days before")

    private static let scopeOptions: [Option] = [
        .value("--project", "KEY", "copy only this project", repeatable: true),
        .value("--jql", "JQL", "copy only what this query matches"),
        .value(
            "--access", "MODE", "mirror, linked, public or shared; without it what the credential allows is found out"),
    ]

    private static let sourceAdd = Command(
        words: ["source", "add"],
        summary: "Connect a Jira site: tries the address and the credential, then keeps them",
        arguments: [Argument(name: "URL", help: "the address people use for Jira, with its context path")],
        options: [.value("--name", "NAME", "what to call the source")] + credentialOptions + scopeOptions
            + [expiryOption, .flag("--json", "print the source and every check as JSON")],
        discussion: "The secret may also be given in the environment as DRAWBRIDGE_SECRET.",
        example:
            "drawbridge source add https://acme.atlassian.net --name work --email ada@acme.com --token-file token.txt"
    ) { invocation in
        guard let name = invocation.value("--name") else { throw UsageError("'source add' needs --name NAME") }
        guard let credential = try credential(of: invocation) else {
            throw UsageError(howToSignIn)
        }
        let request = SourceSetup.Request(
            name: name, address: invocation.arguments[0], credential: credential, projects: invocation.all("--project"),
            jql: invocation.value("--jql"), mode: try accessMode(of: invocation))
        return try await Control.with(invocation) { control in
            let session = control.session
            let (source, findings) = try await session.administration(invocation.environment)
                .add(request, expires: try expiry(of: invocation), by: .commandLine)
            if invocation.wantsJSON {
                var json = JSONWriter()
                json.object { json in
                    json.key("source")
                    SourceReport(source).write(to: &json)
                    json.key("checks")
                    json.array { json in findings.checks.forEach { $0.write(to: &json) } }
                }
                Terminal.print(json.bytes)
            } else {
                print(findings.checks)
                Terminal.print("\nConnected as '\(source.name)', access mode \(source.accessMode.rawValue).")
                Terminal.print(
                    control.server == nil
                        ? "Next: drawbridge sync \(source.name)"
                        : "The server copies it now; 'drawbridge status' shows how far it is.")
            }
            return .done
        }
    }

    private static let sourceTest = Command(
        words: ["source", "test"],
        summary: "Try a source, or an address and a credential, and say of each check what it means",
        arguments: [Argument(name: "NAME|URL", help: "a source's name, or an address together with a credential")],
        options: credentialOptions + scopeOptions + [.flag("--json", "print every check as JSON")],
        example: "drawbridge source test work"
    ) { invocation in
        let target = invocation.arguments[0]
        let findings: SourceSetup.Findings
        if let credential = try credential(of: invocation) {
            let setup = Session.setup(invocation.environment)
            findings = await setup.test(
                target, credential, projects: invocation.all("--project"), jql: invocation.value("--jql"),
                mode: try accessMode(of: invocation))
        } else {
            findings = try await Session.with(invocation, for: .reading) { session in
                try await session.administration(invocation.environment).test(target)
            }
        }
        if invocation.wantsJSON {
            Terminal.print(json(findings))
        } else {
            print(findings.checks)
        }
        if let failure = findings.failure { return ExitCode(failure.kind) }
        return findings.isUsable ? .done : .failed
    }

    private static let sourceCredential = Command(
        words: ["source", "credential"],
        summary: "Give a source another credential, once the old one is refused or about to expire",
        arguments: [Argument(name: "NAME", help: "the source's name")],
        options: credentialOptions + [expiryOption, .flag("--json", "print every check as JSON")],
        discussion: """
            Tries the new credential first, and keeps the old one if it does not work. What was copied stays. With --expires alone it
            notes when the present one ends.
            """,
        example: "drawbridge source credential work --email ada@acme.com --token-file new-token.txt"
    ) { invocation in
        let expires = try expiry(of: invocation)
        guard let credential = try credential(of: invocation) else {
            guard let expires else { throw UsageError(Self.howToSignIn) }
            return try await Control.with(invocation) { control in
                let name = invocation.arguments[0]
                try await control.session.administration(invocation.environment)
                    .setExpiry(expires, of: name, by: .commandLine)
                Terminal.print("The credential of '\(name)' ends \(expires.rfc3339.prefix(10)).")
                return .done
            }
        }
        return try await Control.with(invocation) { control in
            let session = control.session
            let source = try await session.source(named: invocation.arguments[0])
            let findings = try await session.administration(invocation.environment)
                .replaceCredential(of: source.name, with: credential, expires: expires, by: .commandLine)
            if invocation.wantsJSON {
                Terminal.print(json(findings))
            } else {
                print(findings.checks)
                Terminal.print("\n'\(source.name)' now uses this credential. Next: drawbridge sync \(source.name)")
            }
            return .done
        }
    }

    private static func expiry(of invocation: Invocation) throws -> Timestamp? {
        guard let text = invocation.value("--expires") else { return nil }
        if let moment = Timestamp(text) { return moment }
        guard let day = CalendarDate(text) else { throw UsageError("--expires takes a date, as 2027-05-01") }
        return Timestamp(milliseconds: Int64(day.daysSinceEpoch) * 86_400_000)
    }

    private static let howToSignIn =
        "say how to sign in: --email with --token-file, --pat-file, --username with --password-file, or --anonymous"

    private static let sourceList = Command(
        words: ["source", "list"], summary: "List the sources",
        options: [.flag("--json", "print them as JSON")], example: "drawbridge source list"
    ) { invocation in
        try await Session.with(invocation, for: .reading) { session in
            let sources = try await session.store.read { try SourceRecords.all(in: $0) }
            if invocation.wantsJSON {
                var json = JSONWriter()
                json.object { json in
                    json.key("sources")
                    json.array { json in sources.forEach { SourceReport($0).write(to: &json) } }
                }
                Terminal.print(json.bytes)
            } else {
                if sources.isEmpty { Terminal.print(SourceReport.none) }
                for source in sources { Terminal.print(SourceReport(source).line) }
            }
            return .done
        }
    }

    private static let sourceRemove = Command(
        words: ["source", "remove"],
        summary: "Disconnect a source: destroy its credential and hide its content",
        arguments: [Argument(name: "NAME", help: "the source's name")],
        options: [.flag("--purge", "remove its content too, so that nothing of it stays on the disk")],
        example: "drawbridge source remove work --purge"
    ) { invocation in
        try await Control.with(invocation) { control in
            let session = control.session
            let source = try await session.source(named: invocation.arguments[0])
            let purges = invocation.has("--purge")
            guard !purges || control.server == nil else {
                throw StoreError(
                    .folderInUse,
                    "A server holds the data folder. Remove the source without --purge now, and purge it when the server is stopped"
                )
            }
            let remains = try await session.administration(invocation.environment)
                .remove(source.name, purge: purges, by: .commandLine)
            Terminal.print(
                purges
                    ? "Removed '\(source.name)' and everything copied from it."
                    : "Removed '\(source.name)'. Its content is hidden from everybody but the operator; --purge deletes it."
            )
            for line in remains { Terminal.note("warning: " + Terminal.visible(line)) }
            return .done
        }
    }

    private static func change(_ word: String, to state: Source.State) -> Command {
        Command(
            words: ["source", word],
            summary: state == .paused
                ? "Stop copying from a source until it is resumed" : "Let a paused source be copied again",
            arguments: [Argument(name: "NAME", help: "the source's name")], example: "drawbridge source \(word) work"
        ) { invocation in
            try await Control.with(invocation) { control in
                let source = try await control.session.administration(invocation.environment)
                    .setState(state, of: invocation.arguments[0], by: .commandLine)
                Terminal.print("'\(source.name)' is \(state.rawValue).")
                return .done
            }
        }
    }

    private static func print(_ checks: [SourceCheck]) {
        for check in checks { Terminal.print(check.text) }
    }

    private static func json(_ findings: SourceSetup.Findings) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("usable", findings.isUsable)
            json.member("product", findings.identity?.product.rawValue)
            json.member("url", findings.identity?.baseURL)
            json.member("version", findings.identity?.version)
            json.key("checks")
            json.array { json in findings.checks.forEach { $0.write(to: &json) } }
        }
        return json.bytes
    }

    private static func accessMode(of invocation: Invocation) throws -> Source.AccessMode? {
        try invocation.choice("--access", Source.AccessMode.self)
    }

    /// The credential that the options describe; `nil` where there are none.
    static func credential(of invocation: Invocation) throws -> Credential? {
        func secret(_ option: String) throws -> String {
            if invocation.has(option) { return try Secrets.read(option, of: invocation) }
            if let secret = invocation.settings[SettingsTable.secret] { return secret }
            throw UsageError("the secret is missing: give \(option) or set DRAWBRIDGE_SECRET")
        }
        let ways = ["--email", "--pat-file", "--username", "--anonymous"].filter(invocation.has)
        guard ways.count <= 1 else {
            throw UsageError("\(ways.joined(separator: " and ")) are two ways to sign in; give one")
        }
        if let email = invocation.value("--email") { return .apiToken(email: email, token: try secret("--token-file")) }
        if let username = invocation.value("--username") {
            return .password(username: username, password: try secret("--password-file"))
        }
        if invocation.has("--pat-file") { return .personalAccessToken(try secret("--pat-file")) }
        if invocation.has("--token-file") {
            throw UsageError("--token-file needs --email, the account the token belongs to")
        }
        if invocation.has("--password-file") { throw UsageError("--password-file needs --username") }
        return invocation.has("--anonymous") ? .anonymous : nil
    }
}

/// A source as lists show it, for people.
extension SourceReport {
    static let none = "No sources yet. Connect one with 'drawbridge source add', or look at 'drawbridge demo' first."

    var line: String {
        let problem = source.problem.map { "\n    \(Terminal.visible($0.message))" } ?? ""
        let product =
            switch source.product {
            case .cloud: "Jira Cloud"
            case .dataCenter: "Jira Data Center"
            case .server: "Jira Server"
            }
        let state = source.state == .active ? "" : "  \(source.state.rawValue)"
        let shared =
            source.accessMode == .shared && source.state != .removed
            ? "\n    SHARED: every member sees everything that its credential sees, whatever Jira would show them." : ""
        return
            "\(source.name)  \(source.url)  \(product)  access: \(source.accessMode.rawValue)\(state)\(shared)\(problem)"
    }
}

extension SourceCheck {
    /// For people: what was found, what it means, what to do.
    var text: String {
        let mark =
            switch outcome {
            case .ok: "ok  "
            case .warn: "warn"
            case .fail: "FAIL"
            }
        return ([mark + "  " + what] + [why, fix].filter { !$0.isEmpty }.map { "      " + $0 })
            .map(Terminal.visible).joined(separator: "\n")
    }
}
