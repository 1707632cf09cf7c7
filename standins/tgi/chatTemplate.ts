import { countTokens } from "./tokens";

/** A message as the template has it: chunks are one text. */
export interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

/** A prompt, or what the template has against the messages. */
export type Templated = { readonly inputs: string; readonly inputTokens: number } | { readonly rule: string };

/**
 * The prompt that Gemma's chat template makes of a conversation (`tokenizer_config.json` of google/gemma-2-2b-it): it
 * knows no system role, and users and assistants take turns.
 */
export function applyChatTemplate(messages: readonly ChatMessage[]): Templated {
  if (messages[0]?.role === "system") return { rule: "System role not supported" };
  const isInTurn = messages.every(({ role }, i) => (role === "user") === (i % 2 === 0));
  if (!isInTurn) return { rule: "Conversation roles must alternate user/assistant/user/assistant/..." };
  const turns = messages.map(({ role, content }) => {
    const name = role === "assistant" ? "model" : role;
    return `<start_of_turn>${name}\n${content.trim()}<end_of_turn>\n`;
  });
  const text = `${turns.join("")}<start_of_turn>model\n`;
  // The template says the first token itself.
  return { inputs: `<bos>${text}`, inputTokens: countTokens(text) };
}
