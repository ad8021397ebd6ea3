// Secrets in the keychain: readable in the background once the phone was unlocked, on this phone
// only, in no backup.

import Foundation
import KokoniInterface
import Security

/// The keychain of this phone.
struct Keychain: SecretStore {
  private let service = "dev.kokoni.core"

  func load(_ name: String) throws(SecretFailure) -> Data? {
    var query = item(name)
    query[kSecReturnData as String] = true
    query[kSecMatchLimit as String] = kSecMatchLimitOne
    var found: CFTypeRef?
    let status = SecItemCopyMatching(query as CFDictionary, &found)
    if status == errSecItemNotFound { return nil }
    try check(status)
    return found as? Data
  }

  func store(_ name: String, _ value: Data) throws(SecretFailure) {
    let change: [String: Any] = [
      kSecValueData as String: value,
      kSecAttrAccessible as String: kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly,
    ]
    let status = SecItemUpdate(item(name) as CFDictionary, change as CFDictionary)
    guard status == errSecItemNotFound else { return try check(status) }
    let new = item(name).merging(change) { _, new in new }
    try check(SecItemAdd(new as CFDictionary, nil))
  }

  func erase(_ name: String) throws(SecretFailure) {
    let status = SecItemDelete(item(name) as CFDictionary)
    if status != errSecItemNotFound { try check(status) }
  }

  private func item(_ name: String) -> [String: Any] {
    [
      kSecClass as String: kSecClassGenericPassword,
      kSecAttrService as String: service,
      kSecAttrAccount as String: name,
    ]
  }

  private func check(_ status: OSStatus) throws(SecretFailure) {
    switch status {
    case errSecSuccess: return
    case errSecInteractionNotAllowed: throw .locked
    default: throw .failed
    }
  }
}
