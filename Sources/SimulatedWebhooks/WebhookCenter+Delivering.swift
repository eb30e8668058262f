public import HTTPMessages
public import SimulatedData
import SimulatedSite

extension WebhookCenter {
    /// Sends everything due by `moment`, what becomes due again meanwhile included.
    ///
    /// - Parameters:
    ///   - moment: nil for now.
    ///   - width: How many at a time; 1 keeps their order.
    @discardableResult
    public func deliverDue(
        until moment: Milliseconds? = nil, through transport: any HTTPTransport, width: Int = 1
    ) async -> DeliveryCount {
        var count = DeliveryCount()
        while !Task.isCancelled {
            let horizon = moment ?? now
            let due = withMemory { memory in
                var due: [WebhookDelivery] = []
                while due.count < max(width, 1), let next = memory.waiting.take(dueBy: horizon) { due.append(next) }
                return due
            }
            guard !due.isEmpty else { break }
            if width <= 1 {
                for delivery in due { count = count + (await attempt(delivery, transport)) }
                continue
            }
            await withTaskGroup(of: DeliveryCount.self) { group in
                for delivery in due { group.addTask { await self.attempt(delivery, transport) } }
                for await one in group { count = count + one }
            }
        }
        return count
    }

    /// Sends what is due as it becomes due, twenty at a time as Jira does, until the task is cancelled.
    public func run(through transport: any HTTPTransport) async {
        while !Task.isCancelled {
            await deliverDue(through: transport, width: 20)
            let wait = nextDue.map { min(max($0 - now, 1), 10) } ?? (registrations.isEmpty ? 500 : 10)
            try? await Task.sleep(for: .milliseconds(wait))
        }
    }

    /// The request a delivery is: method, address, headers and body as Jira sends them.
    public func request(for delivery: WebhookDelivery) -> HTTPRequest {
        let registration = registrations.first { $0.id == delivery.webhook }
        var headers: HTTPHeaders = ["Content-Type": "application/json; charset=UTF-8"]
        let isCloud = state.configuration.flavour.isCloud
        headers["User-Agent"] = isCloud ? "Atlassian Webhook HTTP Client" : "Atlassian HttpClient unknown / JIRA"
        if isCloud {
            headers["X-Atlassian-Webhook-Identifier"] = identifier(delivery.number)
            headers["X-Atlassian-Webhook-Flow"] = delivery.isSecondary ? "Secondary" : "Primary"
            if delivery.attempt > 0 { headers["X-Atlassian-Webhook-Retry"] = String(delivery.attempt) }
        }
        if case .app = registration?.owner {
            let seconds = now / 1_000
            let claims = #"{"iss":"\#(Self.appID)","iat":\#(seconds),"exp":\#(seconds + 180)}"#
            headers["Authorization"] = "Bearer " + Signature.token(claims: claims, secret: Self.appSecret)
        } else if let secret = registration?.secret {
            let code = Signature.hmac(delivery.body, key: Array(secret.utf8))
            headers["X-Hub-Signature"] = "sha256=" + Signature.hexadecimal(code)
        }
        return HTTPRequest(
            .post, delivery.url, headers: headers, body: delivery.body, responseBodyLimit: 1 << 20,
            timeout: plan.timeout)
    }

    /// The same for every attempt of one delivery.
    private func identifier(_ number: Int) -> String {
        var random = SeededRandom(seed: plan.seed, stream: 132, item: number)
        return random.identifier()
    }

    private func attempt(_ delivery: WebhookDelivery, _ transport: any HTTPTransport) async -> DeliveryCount {
        let isRegistered = registrations.contains { $0.id == delivery.webhook }
        guard isRegistered else { return note(delivery, DeliveryCount(abandoned: 1)) }
        do throws(HTTPTransportError) {
            let response = try await transport.send(request(for: delivery))
            switch response.status {
            case 200...299: return note(delivery, DeliveryCount(delivered: 1))
            case 408, 409, 425, 429, 500...: return again(delivery)
            default: return note(delivery, DeliveryCount(abandoned: 1))
            }
        } catch {
            return again(delivery)
        }
    }

    /// Sends a delivery once more later: not on Data Center, not for ever, and not where nothing has worked for half an hour.
    private func again(_ delivery: WebhookDelivery) -> DeliveryCount {
        let (moment, isCloud) = (max(now, delivery.due), state.configuration.flavour.isCloud)
        return withMemory { memory in
            let since = memory.failing[delivery.webhook] ?? moment
            memory.failing[delivery.webhook] = since
            var count = DeliveryCount(abandoned: 1)
            if isCloud, delivery.attempt < memory.plan.retries, moment - since <= 30 * 60_000 {
                var next = delivery
                next.attempt += 1
                next.due = moment + memory.plan.retryDelay(delivery.number, attempt: next.attempt)
                memory.waiting.insert(next)
                count = DeliveryCount(postponed: 1)
            }
            memory.total = memory.total + count
            return count
        }
    }

    private func note(_ delivery: WebhookDelivery, _ count: DeliveryCount) -> DeliveryCount {
        withMemory { memory in
            if count.delivered > 0 { memory.failing[delivery.webhook] = nil }
            memory.total = memory.total + count
            return count
        }
    }
}
