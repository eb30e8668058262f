internal import Store
public import Database
internal import HTTPMessages
internal import SignIn
public import WebFrame
internal import WebServer

typealias Operation = WebFrame.Operation<CocoServices>
typealias Call = WebFrame.Call<CocoServices>

/// The paths of Coco Server's API that its Jira connector and its clients use, answered from Drawbridge's own data and
/// inside what the caller may see.
///
/// Paths, envelopes and names of fields are Coco's. What differs on purpose is told in `docs/coco.md`.
public enum Coco {
    /// Every operation, group by group.
    public static let operations: [WebFrame.Operation<CocoServices>] = [
        ConnectorOperations.all, DataSourceOperations.all, DataSourceOperations.syncing, DocumentOperations.all,
        QueryOperations.all, AccountOperations.all, TokenOperations.all, SystemOperations.all,
    ].flatMap { $0 }

    /// Every step of the tables, oldest first. A step that shipped is never edited; a new one is added.
    public static let migrations: [Migration] = [
        Migration(
            "coco", 1, "connectors and data sources as Coco's API names them",
            sql: """
                CREATE TABLE coco_connector (
                    id TEXT PRIMARY KEY, record TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL
                ) STRICT, WITHOUT ROWID;
                CREATE TABLE coco_datasource (
                    id TEXT PRIMARY KEY,
                    source_id INTEGER NOT NULL UNIQUE REFERENCES source (id) ON DELETE CASCADE,
                    record TEXT NOT NULL, owner TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL
                ) STRICT, WITHOUT ROWID;
                """)
    ]

    /// What answers these paths. It answers nothing else, so that it can stand beside the other surfaces of a server.
    public static func server(
        _ services: CocoServices, configure: (inout FrameOptions) -> Void = { _ in }
    ) -> OperationServer<CocoServices> {
        let authenticator = services.signIn.authenticator
        var options = FrameOptions { request in
            try await authenticator.caller(of: request.message, remote: request.remoteAddress)
        }
        options.explain = { Problem(explaining: $0) }
        options.render = { problem, _ in Reply.problem(problem) }
        options.store = services.store
        options.log = services.log
        options.metrics = services.metrics
        options.now = { services.store.now }
        configure(&options)
        return OperationServer(operations, services: services, options: options)
    }
}

extension WebFrame.Operation<CocoServices> {
    /// An operation as Coco documents them: with parameters that are read leniently and a body of any media type, as
    /// curl sends one.
    static func coco(
        _ method: HTTPMethod, _ path: String, _ id: String, _ summary: String, _ rule: AccessRule,
        handle: @escaping @Sendable (Call) async throws -> WebResponse
    ) -> Operation {
        var operation = Operation(
            method, path, id: "coco." + id, summary: summary, rule: rule,
            answers: [200: .other(summary, "application/json; charset=utf-8")], handle: handle)
        operation.takesOtherParameters = true
        operation.keepsAnswers = !path.hasSuffix("/_search")
        return operation
    }
}
