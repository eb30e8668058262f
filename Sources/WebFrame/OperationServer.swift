internal import HTTPMessages
internal import Observability
internal import SignIn
internal import Store
public import WebServer
internal import Workspace

/// Answers requests by a table of operations.
///
/// Every request takes the same way: route, who asks, the operation's rule, what was sent checked against what is documented,
/// the handler, and what every answer has (headers, entity tag, compression, a line in the access log).
public struct OperationServer<Services: Sendable>: Sendable {
    public let operations: [Operation<Services>]
    let services: Services
    let options: FrameOptions
    private let table: RouteTable<Operation<Services>>

    public init(_ operations: [Operation<Services>], services: Services, options: FrameOptions) {
        self.operations = operations
        self.services = services
        self.options = options
        var table = RouteTable<Operation<Services>>()
        for operation in operations { table.add(operation.method, operation.path, operation) }
        self.table = table
    }

    /// The answer, or `nil` where none of the operations has the path.
    public func answer(_ request: WebRequest) -> WebAnswer? {
        let exchange = FrameExchange(request, options)
        if let preflight = exchange.preflight { return .now(preflight) }
        switch table.match(request.message.method, request.path) {
        case .found(let operation, let captures):
            var request = request
            request.captures = captures
            return .later { [self, request] in await perform(operation, request, exchange) }
        case .methodNotAllowed(let allowed):
            var problem = Problem(405, "method_not_allowed", "This path has other methods")
            problem.headers["Allow"] = allowed.joined(separator: ", ")
            return .now(exchange.finish(options.render(problem, exchange.id), of: nil))
        case .notFound:
            return nil
        }
    }

    /// The answer to a path that nothing has.
    public func notFound(_ request: WebRequest) -> WebAnswer {
        let exchange = FrameExchange(request, options)
        return .now(exchange.finish(options.render(.notFound(), exchange.id), of: nil))
    }

    private func perform(
        _ operation: Operation<Services>, _ request: WebRequest, _ exchange: FrameExchange
    ) async -> WebResponse {
        var caller: Caller?
        var response: WebResponse
        do {
            guard request.message.body.count <= Self.bodyLimit else { throw Problem.bodyTooLarge }
            let known = try await options.authenticate(request)
            caller = known
            guard known.may(operation.rule) else { throw known.member == nil ? Problem.unauthenticated : .forbidden }
            let call = try Call(
                operation, request, caller: known, services: services, requestID: exchange.id)
            response = try await answer(call, by: operation)
        } catch {
            response = options.render(problem(of: error, operation.id, exchange.id), exchange.id)
        }
        return exchange.finish(response, of: operation.id, caller: caller)
    }

    private func answer(_ call: Call<Services>, by operation: Operation<Services>) async throws -> WebResponse {
        guard operation.isChange, operation.keepsAnswers, let key = call.request.message.headers[Self.idempotencyKey],
            let store = options.store, let member = call.caller.member
        else { return try await operation.handle(call) }
        let attempt = try IdempotentAttempt(
            key: key, member: member.id.rawValue, operation: operation.id, call.request.message, store: store,
            now: options.now())
        if let kept = try await attempt.begin() { return kept }
        let response: WebResponse
        do {
            response = try await operation.handle(call)
        } catch {
            // A refusal changed nothing, so that the request may be mended and sent again.
            try await attempt.release()
            throw error
        }
        do {
            try await attempt.end(response)
        } catch {
            // It is done: the key stays taken, so that nothing does it a second time.
            options.log.warning(
                "answer_not_kept", "The answer to a change could not be kept for when it is sent again",
                ["operation": .string(operation.id)])
        }
        return response
    }

    /// Bytes of a body at most. Parsed, a body may take a hundred times its length, and anybody may send one; webhooks, which
    /// are longer, come another way.
    static var bodyLimit: Int { 1 << 20 }

    private func problem(of error: any Error, _ operation: String, _ id: String) -> Problem {
        if let problem = error as? Problem { return problem }
        if error is CancellationError {
            return Problem(503, "stopping", "The server is stopping or the request took too long")
        }
        if let problem = options.explain(error) { return problem }
        let fields: KeyValuePairs<String, LogValue> = [
            "request": .string(id), "operation": .string(operation),
            "error": .string(String(describing: type(of: error))),
            "message": .string((error as? any CustomStringConvertible)?.description ?? ""),
        ]
        options.log.error("http_failed", "A request could not be answered", fields)
        return .internalError
    }

    static var idempotencyKey: String { "Idempotency-Key" }
}
