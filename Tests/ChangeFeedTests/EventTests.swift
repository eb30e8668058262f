import AccessControl
import AuditTrail
import ChangeFeed
import Database
import FastJSON
import IssueModel
import SimulatedAccess
import Store
import Synchronization
import Testing

@Suite struct EventTests {
    private func hub(
        _ scene: FeedScene, _ adjust: (inout EventHub.Options) -> Void = { _ in }
    ) -> EventHub {
        var options = EventHub.Options()
        adjust(&options)
        return EventHub(feed: scene.feed, options: options)
    }

    @Test("a stream goes on after the last event that was taken up, and then tells what happens")
    func resumes() async throws {
        try await FeedScene.lent { scene in
            let hub = hub(scene)
            let ids = try await scene.visible(to: .operator).sorted()
            let start = try await scene.now(for: .operator)
            try await scene.touch(ids[0])
            let last = try await scene.listening(to: hub, as: .operator, after: start) { reader in
                let first = try #require(await reader.next("change"))
                #expect(first["id"]?.string == ids[0].description)
                try await scene.touch(ids[1])
                await hub.look()
                return try #require(await reader.next("change"))
            }
            #expect(last["id"]?.string == ids[1].description)
            try await scene.touch(ids[2])
            try await scene.listening(to: hub, as: .operator, after: last.id) { reader in
                #expect(await reader.changes(1) == ["changed \(ids[2])"])
            }
            #expect(hub.count == 0)
        }
    }

    @Test("many streams of several readers are told what each may see")
    func manyStreams() async throws {
        try await FeedScene.lent { scene in
            let hub = hub(scene)
            let (all, developer) = (Reader.operator, try await scene.reader(TinySite.developer))
            let seen = try await (scene.visible(to: all), scene.visible(to: developer))
            let shared = try #require(seen.1.min())
            let hidden = try #require(seen.0.subtracting(seen.1).min())
            let starts = try await (scene.now(for: all), scene.now(for: developer))
            try await scene.touch(shared)
            #expect(hidden != shared)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<15 {
                    for (reader, start, ids) in [
                        (all, starts.0, [shared, hidden]), (developer, starts.1, [shared]),
                    ] {
                        group.addTask {
                            try await scene.listening(to: hub, as: reader, after: start) { events in
                                var told: Set<String> = []
                                while told.count < ids.count, let line = await events.changes(1).first {
                                    told.insert(line)
                                }
                                #expect(told == Set(ids.map { "changed \($0)" }))
                            }
                        }
                    }
                }
                // Until each has heard it, however far it was.
                repeat {
                    try await scene.touch(hidden)
                    await hub.look()
                } while hub.count > 0
                try await group.waitForAll()
            }
        }
    }

    @Test("what a reader may not see makes no event")
    func hidden() async throws {
        try await FeedScene.lent { scene in
            let hub = hub(scene) { $0.heartbeat = 1 }
            let nobody = Reader.accounts([:])
            let start = try await scene.now(for: nobody)
            try await scene.listening(to: hub, as: nobody, after: start) { reader in
                await hub.look()
                #expect(await reader.next(":", "change", "access", "source")?.name == ":")
                for id in try await scene.visible(to: .operator) { try await scene.touch(id) }
                await hub.look()
                #expect(await reader.next(":", "change", "access", "source")?.name == ":")
            }
        }
    }

    @Test("a server that stops ends its streams with a word, and opens no others")
    func stopping() async throws {
        try await FeedScene.lent { scene in
            let hub = hub(scene)
            try await scene.listening(to: hub, as: .operator, after: nil) { reader in
                hub.end()
                #expect(await reader.next("end")?["reason"]?.string == "stopping")
                #expect(await reader.next("end") == nil)
            }
            let error = #expect(throws: FeedError.self) {
                _ = try hub.open(.init(member: 1, reader: .operator, isAdmin: false, after: nil) { .operator })
            }
            #expect(error?.code == .stopping)
        }
    }

    @Test("cancelling what runs the streams ends them with a word")
    func cancelling() async throws {
        try await FeedScene.lent { scene in
            let hub = hub(scene)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await hub.run() }
                try await scene.listening(to: hub, as: .operator, isAdmin: true, after: nil) { reader in
                    #expect(await reader.next("source") != nil)
                    group.cancelAll()
                    #expect(await reader.next("end")?["reason"]?.string == "stopping")
                }
            }
        }
    }

    @Test("a session or token that is revoked ends its streams; so does becoming somebody else")
    func revoked() async throws {
        try await FeedScene.lent { scene in
            let hub = hub(scene)
            let present = Mutex<Reader?>(.operator)
            let authorise: @Sendable () async throws -> Reader? = { present.withLock { $0 } }
            func act() async throws {
                try await scene.write {
                    try AuditTrail.append(AuditOrigin.commandLine.event("token.revoked"), in: $0)
                }
                await hub.look()
            }
            for (reader, reason) in [(nil, "signed_out"), (Reader.anonymous, "identity")] as [(Reader?, String)] {
                present.withLock { $0 = .operator }
                try await scene.listening(to: hub, as: .operator, after: nil, authorise: authorise) { events in
                    await hub.look()
                    #expect(await events.next("source", "end")?.name == "source")
                    present.withLock { $0 = reader }
                    try await act()
                    #expect(await events.next("end")?["reason"]?.string == reason)
                }
            }
        }
    }

    @Test("where permissions changed a stream says so, and names from where to list again")
    func permissions() async throws {
        try await FeedScene.lent { scene in
            let hub = hub(scene)
            let reader = try await scene.reader(TinySite.developer)
            let start = try await scene.now(for: reader)
            let id = try #require(try await scene.visible(to: reader).min())
            try await scene.touch(id)
            try await scene.listening(to: hub, as: reader, after: start) { events in
                #expect(await events.changes(1) == ["changed \(id)"])
                try await scene.expel(TinySite.developer)
                await hub.look()
                let event = try #require(await events.next("access"))
                #expect(event["reason"]?.string == "permissions")
                let (changes, _) = try await scene.all(after: event["list"]?.string, for: reader)
                #expect(changes.count == (try await scene.visible(to: reader).count))
                #expect(changes.allSatisfy { $0.kind == "changed" })
            }
        }
    }

    @Test("a listener that is slower than what is kept misses nothing")
    func slow() async throws {
        try await FeedScene.lent { scene in
            let hub = hub(scene) { $0.batches = 2 }
            let ids = try await scene.visible(to: .operator).sorted()
            let start = try await scene.now(for: .operator)
            try await scene.touch(ids[0])
            let gate = Gate()
            try await scene.listening(to: hub, as: .operator, after: start, gate: gate) { reader in
                #expect(await reader.changes(1) == ["changed \(ids[0])"])
                gate.close()
                for id in ids.dropFirst() {
                    try await scene.touch(id)
                    await hub.look()
                }
                gate.open()
                var told: Set<String> = []
                while told.count < ids.count - 1, let line = await reader.changes(1).first { told.insert(line) }
                #expect(told == Set(ids.dropFirst().map { "changed \($0)" }))
            }
        }
    }

    @Test("streams are limited, for each member and in all")
    func limits() async throws {
        try await FeedScene.lent { scene in
            let hub = hub(scene) { ($0.streams, $0.streamsPerMember) = (3, 2) }
            func open(_ member: Int64) throws(FeedError) -> EventStream {
                try hub.open(.init(member: member, reader: .operator, isAdmin: false, after: nil) { .operator })
            }
            var kept = [try open(1), try open(1)]
            let own = #expect(throws: FeedError.self) { _ = try open(1) }
            kept.append(try open(2))
            let all = #expect(throws: FeedError.self) { _ = try open(3) }
            #expect(own?.code == .tooManyStreams && all?.code == .tooManyStreams)
            kept.removeAll()
            #expect(hub.count == 0)
        }
    }

    @Test("only admins are told how much is read")
    func statuses() async throws {
        try await FeedScene.lent { scene in
            let hub = hub(scene)
            let reader = try await scene.reader(TinySite.customer)
            for isAdmin in [true, false] {
                try await scene.listening(to: hub, as: reader, isAdmin: isAdmin, after: nil) { events in
                    await hub.look()
                    let event = try #require(await events.next("source"))
                    #expect(event["source"]?.string == FeedScene.name)
                    #expect((event["pending"] != nil) == isAdmin)
                }
            }
        }
    }
}

extension FeedScene {
    /// Takes somebody out of every group.
    func expel(_ user: Int) async throws {
        let (source, account) = (try await source().id, account(user))
        try await write { context in
            let accounts = try context.connection.rows(
                "SELECT id FROM account WHERE source_id = ? AND jira_id = ?", source, account.rawValue
            ) { $0.int64(0) }
            for id in accounts { try context.connection.execute("DELETE FROM membership WHERE account_id = ?", id) }
            context.noteAccessChange()
        }
    }
}
