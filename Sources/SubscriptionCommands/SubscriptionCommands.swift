internal import AuditTrail
public import ChangeFeed
public import Console
internal import FastJSON
internal import IssueModel
public import Store
internal import Workspace

/// What the operator does with members' subscriptions to webhooks, on the command line.
public struct SubscriptionCommands: Sendable {
    /// Lends an open data folder, and where webhooks may go by its settings.
    public typealias Opening =
        @Sendable (
            _ invocation: Invocation, _ isWriting: Bool,
            _ body: @Sendable (Store, WebhookTarget) async throws -> ExitCode
        ) async throws -> ExitCode

    let open: Opening

    /// Every command.
    ///
    /// - Parameter open: Opens the data folder that the command line names.
    public static func all(_ open: @escaping Opening) -> [Command] {
        let commands = SubscriptionCommands(open: open)
        return [
            commands.add, commands.list, commands.pause, commands.resume, commands.renew, commands.test,
            commands.deliveries, commands.redeliver, commands.remove,
        ]
    }

    private static let number = Command.Argument(name: "ID", help: "its number, as 'subscription list' shows it")
    private static let json = Command.Option.flag("--json", "print it as JSON")

    private var add: Command {
        Command(
            words: ["subscription", "add"], summary: "Send a member's changes to an address, signed",
            arguments: [.init(name: "URL", help: "where webhooks go: a public https address")],
            options: [
                .value("--member", "EMAIL", "whose it is: it is told what this member may see"),
                .value("--name", "NAME", "what it is for"), Self.json,
            ],
            discussion: """
                Prints the secret with which webhooks are signed, this once. A running 'drawbridge serve' sends them. Other addresses than
                public ones are allowed by the setting webhooks.hosts.
                """,
            example: "drawbridge subscription add https://hooks.acme.com/jira --member ada@acme.com --name ci"
        ) { [self] invocation in
            guard let email = invocation.value("--member"), let name = invocation.value("--name") else {
                throw UsageError("'subscription add' needs --member EMAIL and --name NAME")
            }
            return try await open(invocation, true) { store, target in
                let member = try await store.read { try MemberRecords.member(named: email, in: $0) }
                let made = try await Self.subscriptions(store, target).create(
                    name, url: invocation.arguments[0], for: member, by: .commandLine)
                Self.print(made, invocation)
                return .done
            }
        }
    }

    private var list: Command {
        Command(
            words: ["subscription", "list"], summary: "List subscriptions and how they fare",
            options: [.value("--member", "EMAIL", "only this member's"), Self.json],
            example: "drawbridge subscription list"
        ) { [self] invocation in
            try await open(invocation, false) { store, _ in
                let email = invocation.value("--member")
                let rows = try await store.read { connection in
                    let member = try email.map { try MemberRecords.member(named: $0, in: connection) }
                    return try Subscriptions.list(of: member?.id, in: connection).map {
                        ($0, try MemberRecords.member($0.member, in: connection)?.email ?? "")
                    }
                }
                if invocation.wantsJSON {
                    var json = JSONWriter()
                    json.object { json in
                        json.key("subscriptions")
                        json.array { json in rows.forEach { $0.0.write(to: &json) } }
                    }
                    Terminal.print(json.bytes)
                    return .done
                }
                if rows.isEmpty { Terminal.print("No subscriptions.") }
                for (row, email) in rows {
                    let last = row.delivered.map { "last taken up \($0.rfc3339)" } ?? "nothing taken up yet"
                    let words = [row.state.rawValue, last, row.problem ?? ""].filter { !$0.isEmpty }
                    Terminal.print(
                        Terminal.visible(
                            "\(row.id)  \(email)  \(row.name)  \(row.url)  \(words.joined(separator: ", "))"))
                }
                return .done
            }
        }
    }

    private var pause: Command {
        changing(["subscription", "pause"], "Send nothing until it is resumed", .init(isPaused: true), "Paused")
    }

    private var resume: Command {
        changing(
            ["subscription", "resume"], "Send what changed since the last webhook that was taken up",
            .init(isPaused: false), "Resumed")
    }

    private func changing(
        _ words: [String], _ summary: String, _ revision: Subscriptions.Revision, _ done: String
    ) -> Command {
        Command(
            words: words, summary: summary, arguments: [Self.number],
            example: "drawbridge \(words.joined(separator: " ")) 3"
        ) { [self] invocation in
            let id = try Self.id(invocation, 0)
            return try await open(invocation, true) { store, target in
                let changed = try await Self.subscriptions(store, target).update(
                    id, of: nil, revision, by: .commandLine)
                Terminal.print(Terminal.visible("\(done) subscription \(id), \(changed.name)."))
                return .done
            }
        }
    }

    private var renew: Command {
        Command(
            words: ["subscription", "secret"],
            summary: "Give it another secret; the old one signs nothing from then on",
            arguments: [Self.number], options: [Self.json], example: "drawbridge subscription secret 3"
        ) { [self] invocation in
            let id = try Self.id(invocation, 0)
            return try await open(invocation, true) { store, target in
                Self.print(
                    try await Self.subscriptions(store, target).renewSecret(id, of: nil, by: .commandLine), invocation)
                return .done
            }
        }
    }

    private var test: Command {
        Command(
            words: ["subscription", "test"], summary: "Send a webhook without entries now, and say what came of it",
            arguments: [Self.number], options: [Self.json], example: "drawbridge subscription test 3"
        ) { [self] invocation in
            let id = try Self.id(invocation, 0)
            return try await open(invocation, true) { store, target in
                let service = try FeedService(store: store, target: target)
                let sent = try await service.worker.test(id, of: nil, by: .commandLine)
                Self.print([sent], invocation)
                return sent.state == .delivered ? .done : .failed
            }
        }
    }

    private var deliveries: Command {
        Command(
            words: ["subscription", "deliveries"], summary: "List the latest webhooks of a subscription",
            arguments: [Self.number], options: [Self.json], example: "drawbridge subscription deliveries 3"
        ) { [self] invocation in
            let id = try Self.id(invocation, 0)
            return try await open(invocation, false) { store, _ in
                Self.print(
                    try await store.read { try Subscriptions.deliveries(of: id, of: nil, in: $0) }, invocation)
                return .done
            }
        }
    }

    private var redeliver: Command {
        Command(
            words: ["subscription", "redeliver"], summary: "Send a webhook, and what came after it, again",
            arguments: [
                Self.number,
                .init(name: "DELIVERY", help: "the webhook's number, as 'subscription deliveries' shows it"),
            ],
            example: "drawbridge subscription redeliver 3 17"
        ) { [self] invocation in
            let (id, delivery) = (try Self.id(invocation, 0), try Self.id(invocation, 1))
            return try await open(invocation, true) { store, target in
                _ = try await Self.subscriptions(store, target).redeliver(delivery, of: id, of: nil, by: .commandLine)
                Terminal.print("Subscription \(id) is sent everything since webhook \(delivery) again.")
                return .done
            }
        }
    }

    private var remove: Command {
        Command(
            words: ["subscription", "remove"], summary: "Remove a subscription", arguments: [Self.number],
            example: "drawbridge subscription remove 3"
        ) { [self] invocation in
            let id = try Self.id(invocation, 0)
            return try await open(invocation, true) { store, target in
                try await Self.subscriptions(store, target).remove(id, of: nil, by: .commandLine)
                Terminal.print("Removed subscription \(id).")
                return .done
            }
        }
    }

    // MARK: Words

    private static func subscriptions(_ store: Store, _ target: WebhookTarget) throws -> Subscriptions {
        Subscriptions(feed: ChangeFeed(store: store, key: try store.secretKey()), target: target)
    }

    private static func id(_ invocation: Invocation, _ index: Int) throws(UsageError) -> Int64 {
        guard let id = Int64(invocation.arguments[index]), id > 0 else {
            throw UsageError("'\(invocation.command.name)' takes a number, as its help says")
        }
        return id
    }

    private static func print(_ issued: Subscriptions.Issued, _ invocation: Invocation) {
        if invocation.wantsJSON {
            var json = JSONWriter()
            issued.subscription.write(to: &json, secret: issued.secret)
            Terminal.print(json.bytes)
        } else {
            Terminal.print(issued.secret)
            Terminal.note("Subscription \(issued.subscription.id). The secret is shown this once.")
        }
    }

    private static func print(_ deliveries: [Delivery], _ invocation: Invocation) {
        if invocation.wantsJSON {
            var json = JSONWriter()
            json.object { json in
                json.key("deliveries")
                json.array { json in deliveries.forEach { $0.write(to: &json) } }
            }
            return Terminal.print(json.bytes)
        }
        if deliveries.isEmpty { Terminal.print("Nothing was sent yet.") }
        for one in deliveries {
            let words = [
                one.kind.rawValue, one.state.rawValue, one.status.map { "answer \($0)" } ?? "",
                "\(one.entries) entries", "\(one.attempts) attempts", one.problem ?? "",
            ]
            Terminal.print(
                "\(one.id)  \(one.started.rfc3339)  \(words.filter { !$0.isEmpty }.joined(separator: ", "))")
        }
    }
}
