export const STATUSES = ['pending', 'processing', 'completed', 'partial', 'cancelled', 'error'];
export const PAYMENT_STATUSES = ['completed', 'pending', 'failed', 'refunded'];
export const PRODUCT_TYPES = ['auto', 'manual', 'inventory'];
export const ENTITY_TYPES = ['product', 'smm_service'];
export const SUPPLIERS = ['first', 'second'];
