// openai for Node, its class over the package `ws`.

import { OpenAIRealtimeWS } from 'openai/realtime/ws';

import { converse } from './openai_conversation.mjs';

await converse(OpenAIRealtimeWS);
