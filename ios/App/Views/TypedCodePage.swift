// Typing the code under a label.

import KokoniScreens
import SwiftUI

struct TypedCodePage: View {
  let screens: EnrolledScreens
  @FocusState private var isTyping: Bool

  private var screen: TypedCodeScreen { screens.typedCode }

  var body: some View {
    Form {
      Section {
        TextField(
          Phrase.typedCodeField.key,
          text: Binding(get: { screen.text }, set: { screen.type($0) })
        )
        .font(.title2.monospaced())
        .textInputAutocapitalization(.characters)
        .autocorrectionDisabled()
        .keyboardType(.asciiCapable)
        .focused($isTyping)
        .onSubmit(submit)
        if let problem = screen.problem {
          Label(problem, systemImage: "exclamationmark.triangle.fill")
            .foregroundStyle(Color(.attention))
        }
      } footer: {
        Text(.typedCodeHelp)
      }
      Button(action: submit) {
        Text(.typedCodeSubmit).frame(maxWidth: .infinity, minHeight: Space.target)
      }
      .disabled(!screen.canSubmit)
    }
    .navigationTitle(Text(.typedCodeTitle))
    .onAppear { isTyping = true }
  }

  private func submit() {
    Task { await screens.submitTypedCode() }
  }
}
