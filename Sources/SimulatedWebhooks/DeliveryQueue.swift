import SimulatedData

/// Deliveries on their way, soonest first and equal ones as they came: a binary heap, for storms have tens of thousands.
struct DeliveryQueue: Sendable {
    private struct Entry {
        var delivery: WebhookDelivery
        var sequence: Int

        var place: (Milliseconds, Int) { (delivery.due, sequence) }
    }

    private var heap: [Entry] = []
    private var sequence = 0

    var count: Int { heap.count }
    var first: WebhookDelivery? { heap.first?.delivery }
    var sorted: [WebhookDelivery] { heap.sorted { $0.place < $1.place }.map(\.delivery) }

    mutating func insert(_ delivery: WebhookDelivery) {
        sequence += 1
        heap.append(Entry(delivery: delivery, sequence: sequence))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].place < heap[parent].place else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the soonest out if it is due by `moment`.
    mutating func take(dueBy moment: Milliseconds) -> WebhookDelivery? {
        guard let first = heap.first, first.delivery.due <= moment else { return nil }
        let last = heap.removeLast()
        guard !heap.isEmpty else { return first.delivery }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].place < heap[least].place { least = child }
            }
            guard least != parent else { break }
            heap.swapAt(parent, least)
            parent = least
        }
        return first.delivery
    }
}
