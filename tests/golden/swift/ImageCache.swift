import Foundation
#if canImport(UIKit)
import UIKit
#endif

/// What an image is found by.
public typealias CacheKey = String

/// Something that can tell what it costs to keep.
public protocol Costed {
    associatedtype Unit
    var cost: Int { get }
    func cost(in unit: Unit) -> Double
    init(cost: Int)
}

/// Why a download failed.
public enum DownloadError: Error {
    case offline, cancelled
    case status(code: Int)

    /// Whether trying again may help.
    public var isTransient: Bool {
        switch self {
        case .offline: return true
        case .cancelled: return false
        case .status(let code): return code >= 500
        }
    }
}

/// Keeps images in memory, the least recently used going first.
@available(iOS 13, macOS 10.15, *)
public final class ImageCache<Image: Costed>: NSObject {
    /// The cache that everybody shares.
    public static let shared = ImageCache<DefaultImage>()

    private struct Entry {
        let image: Image
        var lastUsed: Date
    }

    private var entries: [CacheKey: Entry] = [:]
    private let queue = DispatchQueue(label: "image-cache")
    public var limit: Int = 64 << 20 {
        didSet { trim() }
    }

    /// The cost of everything that is kept.
    public var totalCost: Int {
        return entries.values.reduce(0) { $0 + $1.image.cost }
    }

    public init(limit: Int = 64 << 20) {
        self.limit = limit
        super.init()
    }

    deinit {
        entries.removeAll()
    }

    public subscript(key: CacheKey) -> Image? {
        get { queue.sync { entries[key]?.image } }
        set { queue.sync { store(newValue, for: key) } }
    }

    /// Fetches an image, from the cache where it is there.
    ///
    /// - Throws: `DownloadError` when it cannot be had.
    @discardableResult
    public func image(for key: CacheKey, using session: URLSession = .shared) async throws -> Image {
        if let found = self[key] {
            return found
        }
        func request(_ key: CacheKey) -> URLRequest {
            URLRequest(url: URL(string: key)!)
        }
        let (data, response) = try await session.data(for: request(key))
        guard let http = response as? HTTPURLResponse, http.statusCode == 200 else {
            throw DownloadError.status(code: (response as? HTTPURLResponse)?.statusCode ?? 0)
        }
        let image = Image(cost: data.count)
        self[key] = image
        return image
    }

    private func store(_ image: Image?, for key: CacheKey) {
        guard let image = image else {
            entries[key] = nil
            return
        }
        entries[key] = Entry(image: image, lastUsed: Date())
        trim()
    }

    private func trim() {
        let oldest = entries.sorted { $0.value.lastUsed < $1.value.lastUsed }
        for (key, _) in oldest where totalCost > limit {
            entries[key] = nil
        }
    }
}

extension ImageCache where Image == DefaultImage {
    static func == (left: ImageCache, right: ImageCache) -> Bool {
        return left === right
    }
}

actor Downloads {
    var running: Int = 0

    func start() { running += 1 }
}

let defaultCache = ImageCache<DefaultImage>.shared

func clearCaches() {
    defaultCache.limit = 0
}
