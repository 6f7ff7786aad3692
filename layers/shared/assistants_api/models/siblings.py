"""Fields that a request doesn't take because another one does, so that the caller learns which one."""

UPDATE_ASSISTANT = "PATCH /api/assistants/{assistantId}"
UPDATE_PHONE_NUMBER = "PATCH /api/phone-numbers/{phoneNumberId}"
IMPORT_PHONE_NUMBER = "POST /api/phone-numbers"
CREATE_API_KEY = "POST /api/api-keys"
CREATE_CONNECTION = "POST /api/telephony-connections"

ASSIGN_PHONE_NUMBERS = "PATCH /api/assistants/{assistantId}/telephony/phone-numbers"

TAKEN_BY = {
    "templateId": "POST /api/assistants",
    "phoneNumberIds": ASSIGN_PHONE_NUMBERS,
    "reassign": ASSIGN_PHONE_NUMBERS,
    "export": "POST /api/assistants/import",
    "phoneNumber": IMPORT_PHONE_NUMBER,
    "connectionId": IMPORT_PHONE_NUMBER,
    "label": UPDATE_PHONE_NUMBER,
    "status": UPDATE_PHONE_NUMBER,
    "versions": UPDATE_PHONE_NUMBER,
    "is_active": "PATCH /api/api-keys/{apiKeyId}",
    "environment": CREATE_API_KEY,
    "scopes": CREATE_API_KEY,
    "expires_in_days": CREATE_API_KEY,
    "rate_limit_per_hour": CREATE_API_KEY,
    "grace_seconds": "POST /api/api-keys/{apiKeyId}/rotate",
    "accountSid": CREATE_CONNECTION,
    "authToken": CREATE_CONNECTION,
    "sharedKey": CREATE_CONNECTION,
    "apiKey": CREATE_CONNECTION,
    "apiSecret": CREATE_CONNECTION,
    "publicKey": CREATE_CONNECTION,
    "url": CREATE_CONNECTION,
    "agentName": CREATE_CONNECTION,
    "username": CREATE_CONNECTION,
    "password": CREATE_CONNECTION,
    "media": CREATE_CONNECTION,
    "fallback": CREATE_CONNECTION,
    "variables": "POST /api/assistants/{assistantId}/render",
    "name": UPDATE_ASSISTANT,
    "provider": UPDATE_ASSISTANT,
    "model": UPDATE_ASSISTANT,
    "temperature": UPDATE_ASSISTANT,
    "max_tokens": UPDATE_ASSISTANT,
    "first_message": UPDATE_ASSISTANT,
    "system_prompt": UPDATE_ASSISTANT,
    "voice_provider": UPDATE_ASSISTANT,
    "voice_model": UPDATE_ASSISTANT,
    "voice_id": UPDATE_ASSISTANT,
    "voice_name": UPDATE_ASSISTANT,
    "transcriptor_provider": UPDATE_ASSISTANT,
    "transcriptor_model": UPDATE_ASSISTANT,
    "transcriptor_language": UPDATE_ASSISTANT,
    "recording_enabled": UPDATE_ASSISTANT,
    "inbound_enabled": UPDATE_ASSISTANT,
    "outbound_enabled": UPDATE_ASSISTANT,
}

# Read-only fields that another request changes.
CHANGED_BY = {
    "phone_number_ids": ASSIGN_PHONE_NUMBERS,
    "assistant_id": ASSIGN_PHONE_NUMBERS,
    "connection_id": IMPORT_PHONE_NUMBER,
}

# What other vendors of voice assistants call our fields, without underscores and in lower case.
SYNONYMS = {
    "beginmessage": "first_message",
    "greeting": "first_message",
    "instructions": "system_prompt",
    "prompt": "system_prompt",
    "systemmessage": "system_prompt",
    "llm": "model",
    "llmmodel": "model",
    "llmprovider": "provider",
    "modelname": "model",
    "modelprovider": "provider",
    "ttsprovider": "voice_provider",
    "ttsmodel": "voice_model",
    "voice": "voice_id",
    "sttprovider": "transcriptor_provider",
    "sttmodel": "transcriptor_model",
    "transcriber": "transcriptor_provider",
    "transcriberprovider": "transcriptor_provider",
    "transcribermodel": "transcriptor_model",
    "transcriberlanguage": "transcriptor_language",
    "language": "transcriptor_language",
    "recording": "recording_enabled",
    "recordingenabled": "recording_enabled",
}
