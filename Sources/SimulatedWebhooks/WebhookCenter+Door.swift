package import FastJSON
import SimulatedData
import SimulatedJSON

/// What the control door tells and changes.
extension WebhookCenter {
    /// Who is registered and how deliveries went.
    package func describe() -> WebhookAnswer {
        let (count, registrations) = (count, registrations)
        return .json { json in
            json.member("waiting", waitingCount)
            json.member("delivered", count.delivered)
            json.member("postponed", count.postponed)
            json.member("abandoned", count.abandoned)
            json.member("lost", count.lost)
            json.member(
                "webhooks",
                array: { json in
                    for webhook in registrations {
                        json.object { json in
                            json.member("id", webhook.id)
                            json.member("url", webhook.url)
                            json.member("isSigned", webhook.secret != nil)
                            json.member("events", array: { json in for name in webhook.events { json.string(name) } })
                        }
                    }
                })
        }
    }

    /// Changes what becomes of deliveries: shares that are lost, doubled or late, and how long they take at most, in
    /// milliseconds.
    package func changePlan(_ json: JSONValue) {
        var plan = plan
        plan.seed = json["seed"]?.integer.map { UInt64(clamping: $0) } ?? plan.seed
        plan.lost = json["lost"]?.double ?? plan.lost
        plan.doubled = json["doubled"]?.double ?? plan.doubled
        plan.late = json["late"]?.double ?? plan.late
        if let longest = json["milliseconds"]?.integer, longest >= 0 {
            plan.delay = 0...Milliseconds(longest)
            plan.secondaryDelay = 0...Milliseconds(longest)
        }
        self.plan = plan
    }

    /// Registers a webhook for everything, as an administrator would on Jira's own page.
    ///
    /// - Parameter secret: Signs deliveries; nil leaves them unsigned.
    public func register(url: String, secret: String?) {
        let now = now
        withMemory { memory in
            memory.registrations.append(
                WebhookRegistration(
                    id: memory.nextID, owner: .administrator, name: "Registered by hand", url: url,
                    events: WebhookRegistration.allEvents, secret: secret, lastUpdated: now, lastUpdatedBy: 0))
            memory.nextID += 1
        }
    }
}
