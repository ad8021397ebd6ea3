// The card: what a scan did, or proposes, in one look.

import KokoniInterface
import KokoniScreens
import SwiftUI

struct CardView: View {
  let screens: EnrolledScreens

  private var cards: CardModel { screens.cards }

  var body: some View {
    if let card = cards.card {
      frame(tone: card.tone) {
        Label(card.title, systemImage: card.tone.symbol)
          .font(.title3.bold())
          .foregroundStyle(Color(card.tone.role))
          .accessibilityAddTraits(.isHeader)
        if let detail = card.detail { Text(verbatim: detail) }
        ForEach(card.items) { item in
          LabeledContent {
            Text(verbatim: item.text)
          } label: {
            Text(verbatim: item.name)
          }
        }
        HStack(spacing: Space.medium) {
          if let confirm = card.confirm {
            button(.confirm) { Text(verbatim: confirm) }
              .buttonStyle(.borderedProminent)
          }
          if cards.canUndo {
            button(.undo) { Label(.undo) }
              .buttonStyle(.bordered)
          }
          Spacer()
          close
        }
      }
    } else if let failure = cards.failure {
      frame(tone: .refusal) {
        FailureRow(failure: failure)
        HStack {
          Spacer()
          close
        }
      }
    }
  }

  private var close: some View {
    button(.closeCard) { Label(.closeCard) }
      .labelStyle(.iconOnly)
  }

  private func button<Words: View>(
    _ control: Control, @ViewBuilder _ words: () -> Words
  ) -> some View {
    Button {
      Task { await screens.tap(control) }
    } label: {
      words().frame(minWidth: Space.target, minHeight: Space.target)
    }
    .disabled(cards.isBusy)
  }

  private func frame<Content: View>(
    tone: Tone, @ViewBuilder _ content: () -> Content
  ) -> some View {
    ScrollView {
      VStack(alignment: .leading, spacing: Space.small) { content() }
        .frame(maxWidth: .infinity, alignment: .leading)
        .padding(Space.medium)
    }
    // As high as what it says, and scrolled where large text needs more than the screen has.
    .scrollBounceBehavior(.basedOnSize)
    .fixedSize(horizontal: false, vertical: true)
    .foregroundStyle(Color(.ink))
    .background(Color(.surface), in: RoundedRectangle(cornerRadius: Space.corner))
    .accessibilityElement(children: .contain)
  }
}
