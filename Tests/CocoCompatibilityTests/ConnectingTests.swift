import Workspace
import SignIn
import WebFrame
import JiraSimulator
import IssueModel
import HTTPMessages
import Database
import Cryptography
import FastJSON
import Foundation
import Journal
import SimulatedSite
import Store
import Testing

/// The commands of Coco's page for its Jira connector, on a fresh server, with a token added and nothing else.
@Suite("Connecting Jira as Coco does") struct ConnectingTests {
    private static let connector = """
        {"name":"Jira Connector","description":"Issues","category":"project_management",
        "icon":"/assets/icons/connector/jira/icon.png","tags":["project","agile"],
        "url":"http://coco.rs/connectors/jira","assets":{"icons":{"default":"/assets/icons/connector/jira/icon.png"}},
        "processor":{"enabled":true,"name":"jira"}}
        """

    @Test(
        "a connector and a data source are made, synchronise, and are searched by two people",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func wholeWay(_ flavour: SiteFlavour) async throws {
        let scene = try await CocoScene(flavour)
        let token = try await scene.ownerToken()
        let put = await scene.ask(.put, "/connector/", Self.connector, token: token)
        #expect(put.status == 200 && put.json["_id"] == "jira" && put.json["result"] == "updated", "\(put)")
        let post = await scene.ask(.post, "/connector/", Self.connector, token: token)
        #expect(post.status == 200 && post.json["result"] == "created", "\(post)")
        #expect(post.json["_id"]?.string?.utf8.count == 20)
        let id = try await scene.connect(token)
        #expect(id.utf8.count == 20)
        let administrator = try await scene.readerToken(as: scene.tour.administrator)
        let developer = try await scene.readerToken(as: scene.tour.developer)
        var seen: [Set<String>] = []
        for (person, reader) in [(scene.tour.administrator, administrator), (scene.tour.developer, developer)] {
            let target = "/document/_search?filter=source.id:any(\(id))&size=500"
            let listed = await scene.ask(.get, target, token: reader)
            #expect(Set(listed.keys) == scene.truth(person), "\(person.index)")
            #expect(listed.total == listed.keys.count)
            let found = await scene.ask(
                .get, "/query/_search?query=\(scene.tour.word)&datasource=\(id)&size=100", token: reader)
            #expect(found.total == found.keys.count && !found.keys.isEmpty)
            #expect(scene.truth(person).isSuperset(of: found.keys))
            seen.append(Set(found.keys))
        }
        if flavour.isCloud {
            #expect(seen[0].contains(scene.tour.levelIssueKey) && !seen[1].contains(scene.tour.levelIssueKey))
        }
        #expect(seen[0].isSuperset(of: seen[1]))
        let nobody = await scene.ask(.get, "/query/_search?query=\(scene.tour.word)", token: token)
        #expect(nobody.status == 200 && nobody.total == 0, "an owner without a Jira account sees nothing")
        #expect(try await scene.trail().contains("datasource.added"))
    }

    @Test("documents carry Coco's ids, fields and types, and hold only what the reader may see")
    func documents() async throws {
        let scene = try await CocoScene()
        let token = try await scene.ownerToken()
        let id = try await scene.connect(token, more: #","index_comments":true,"index_attachments":true"#)
        let key = scene.tour.issueKey
        func digest(_ text: String) throws -> String { Digest.hexadecimal(try Digest.md5(Array(text.utf8))) }
        let document = try digest("\(id)-issue-\(key)")
        let restricted = "paid twice"
        for (person, seesComment) in [(scene.tour.administrator, true), (scene.tour.developer, false)] {
            let reader = try await scene.readerToken(as: person)
            let answer = await scene.ask(.get, "/document/\(document)", token: reader)
            let source = try #require(answer.json["_source"], "\(answer)")
            #expect(answer.json["found"] == true && answer.json["_id"]?.string == document)
            #expect(source["id"]?.string == document && source["type"] == "jira_issue" && source["icon"] == "default")
            #expect(source["source"] == ["id": .string(id), "type": "connector", "name": "My Jira"])
            #expect(source["url"]?.string == "\(scene.jira.url)/browse/\(key)")
            #expect(source["metadata"]?["issue_key"]?.string == key)
            #expect(source["metadata"]?["project_key"]?.string == scene.project)
            let name = try #require(source["metadata"]?["project_name"]?.string)
            #expect(source["category"]?.string == "/\(name)/" && source["categories"] == [.string(name)])
            #expect(source["_system"]?["parent_path"]?.string == "/\(name)/" && source["processed"] == false)
            let content = try #require(source["content"]?.string)
            #expect(source["size"]?.integer == content.utf8.count)
            #expect(content.contains("[Comment by ") && content.contains(restricted) == seesComment)
            #expect(answer.text.contains(restricted) == seesComment)
            #expect(source["payload"]?["issue"]?["key"]?.string == key)
            let attachments = source["payload"]?["issue"]?["fields"]?["attachment"]?.array ?? []
            let file = try #require(attachments.first)
            let attachment = try digest("\(id)-attachment-\(key)-\(file["id"]?.string ?? "")")
            let one = await scene.ask(.get, "/document/\(attachment)", token: reader).json["_source"]
            #expect(one?["type"] == "jira_attachment" && one?["size"] == file["size"], "\(String(describing: one))")
            #expect(one?["title"]?.string == "[Attachment] \(file["filename"]?.string ?? "")")
            #expect(one?["url"] == file["content"])
            let listed = await scene.ask(
                .get, "/document/_search?filter=type:jira_attachment&size=500", token: reader)
            #expect(listed.ids.contains(attachment) && listed.total == listed.ids.count)
            #expect(Set(listed.ids).count == listed.ids.count)
            let page = await scene.ask(
                .get, "/document/_search?filter=type:jira_attachment&from=1&size=1", token: reader)
            #expect(page.ids == Array(listed.ids.dropFirst().prefix(1)))
            let raw = await scene.ask(.get, "/document/\(document)/raw_content/x", token: reader)
            #expect(raw.json == ["url": source["url"] ?? .null] && raw.headers["X-Document-Redirect"] == "true")
        }
        let hidden = try digest("\(id)-issue-\(scene.tour.levelIssueKey)")
        let developer = try await scene.token(try await scene.member("other@example.com"))
        let missing = await scene.ask(.get, "/document/\(hidden)", token: developer)
        #expect(missing.status == 404 && missing.json == ["_id": .string(hidden), "found": false])
    }

    @Test("no answer and no file holds the token, and the mask that is sent back keeps it")
    func secrets() async throws {
        let scene = try await CocoScene()
        let token = try await scene.ownerToken()
        let id = try await scene.connect(token, sync: false)
        let secret = try scene.secret()
        let read = await scene.ask(.get, "/datasource/\(id)", token: token)
        let config = try #require(read.json["_source"]?["connector"]?["config"])
        #expect(config["token"] == "***" && config["endpoint"]?.string == scene.jira.url)
        #expect(read.json["_source"]?["sync"]?["interval"] == "5m")
        let back = String(decoding: (read.json["_source"] ?? .null).serialized(), as: UTF8.self)
        let put = await scene.ask(.put, "/datasource/\(id)", back, token: token)
        #expect(put.json["result"] == "updated", "\(put)")
        try await scene.synchronise("My Jira")
        let member = try await scene.token(try await scene.member("m@example.com"))
        let plain = await scene.ask(.get, "/datasource/\(id)", token: member)
        #expect(plain.status == 200 && plain.json["_source"]?["connector"]?["config"] == nil)
        for answer in [read, put, plain, await scene.ask(.get, "/datasource/_search", token: token)] {
            #expect(!answer.text.contains(secret))
        }
        for file in try FileManager.default.contentsOfDirectory(atPath: scene.dataFolder) {
            let path = scene.dataFolder + "/" + file
            guard let data = FileManager.default.contents(atPath: path) else { continue }
            #expect(data.range(of: Data(secret.utf8)) == nil, "\(file)")
        }
    }

    @Test("a data source is changed, disabled, asked to synchronise and forgotten with its documents")
    func life() async throws {
        let scene = try await CocoScene()
        let token = try await scene.ownerToken()
        let id = try await scene.connect(token)
        let reader = try await scene.readerToken(as: scene.tour.administrator)
        let all = await scene.ask(.get, "/query/_search?query=\(scene.tour.word)", token: reader)
        #expect(!all.keys.isEmpty)
        let renamed = await scene.ask(
            .put, "/datasource/\(id)", #"{"name":"Payments","sync":{"interval":"1h"},"icon":"x"}"#, token: token)
        #expect(renamed.json == ["_id": .string(id), "result": "updated"], "\(renamed)")
        let kept = await scene.ask(.get, "/datasource/\(id)", token: token).json["_source"]
        #expect(kept?["name"] == "Payments" && kept?["sync"]?["interval"] == "1h" && kept?["enabled"] == true)
        #expect(kept?["connector"]?["config"]?["index_comments"] == true, "what is not mentioned stays")
        for (path, expected) in [("_reset_sync", 200), ("reset_last_modified_time", 200)] {
            let answer = await scene.ask(
                path == "_reset_sync" ? .post : .get, "/datasource/\(id)/\(path)", token: token)
            #expect(answer.status == expected && answer.json == ["acknowledged": true], "\(answer)")
        }
        #expect(try await scene.store.read { try Requests.open(in: $0).count } == 2)
        _ = await scene.ask(.put, "/datasource/\(id)", #"{"enabled":false}"#, token: token)
        let off = await scene.ask(.get, "/query/_search?query=\(scene.tour.word)", token: reader)
        #expect(off.total == 0, "what is disabled is not searched")
        _ = await scene.ask(.put, "/datasource/\(id)", #"{"enabled":true}"#, token: token)
        let gone = await scene.ask(.delete, "/datasource/\(id)", token: token)
        #expect(gone.json == ["_id": .string(id), "result": "deleted"], "\(gone)")
        for ask in ["/query/_search?query=\(scene.tour.word)", "/document/_search"] {
            #expect(await scene.ask(.get, ask, token: reader).total == 0)
        }
        let first = try #require(all.ids.first)
        #expect(await scene.ask(.get, "/document/\(first)", token: reader).status == 404)
        #expect(try await scene.store.read { try $0.first("SELECT count(*) FROM issue") { $0.int(0) } } == 0)
    }

    @Test("a second data source of one name gets a number, and one for another project its own documents")
    func names() async throws {
        let scene = try await CocoScene()
        let token = try await scene.ownerToken()
        _ = try await scene.connect(token)
        let other = try await scene.connect(token, project: scene.tour.publicProjectKey, sync: false)
        try await scene.synchronise("My Jira 2")
        let reader = try await scene.readerToken(as: scene.tour.administrator)
        let found = await scene.ask(.get, "/document/_search?datasource=\(other)&size=100", token: reader)
        #expect(!found.keys.isEmpty)
        #expect(found.keys.allSatisfy { $0.hasPrefix(scene.tour.publicProjectKey + "-") })
    }
}
