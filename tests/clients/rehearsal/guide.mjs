// The guide's complete program: the same calls, the same two accounts for every order, one run. Only the server and the
// key come from the environment.
//
//   SANDBOX_URL=http://127.0.0.1:4010 SANDBOX_KEY=... node guide.mjs

import axios from 'axios';

const API_BASE_URL = `${process.env.SANDBOX_URL}/api/admin/v2`;
const API_KEY = process.env.SANDBOX_KEY;

// Step 1: Get pending and processing manual orders
async function getOrders() {
  try {
    const response = await axios.get(`${API_BASE_URL}/orders`, {
      params: {
        status: 'pending,processing',
        productType: 'manual',
        limit: 50,
        offset: 0,
      },
      headers: {
        'X-Api-Key': API_KEY,
      },
    });

    return response.data.orders;
  } catch (error) {
    console.error('Error fetching orders:', error.response?.data || error.message);
    throw error;
  }
}

// Step 2: Process order and submit accounts
async function updateOrder(orderId, accounts, supplierOrderId) {
  try {
    const response = await axios.post(
      `${API_BASE_URL}/orders-update`,
      {
        order: orderId,
        status: 'completed',
        accounts: accounts,
        supplierOrderId: supplierOrderId,
      },
      {
        headers: {
          'X-Api-Key': API_KEY,
          'Content-Type': 'application/json',
        },
      },
    );

    return response.data;
  } catch (error) {
    console.error('Error updating order:', error.response?.data || error.message);
    throw error;
  }
}

// Main workflow
async function processOrders() {
  try {
    // Get orders
    const orders = await getOrders();
    console.log(`Found ${orders.length} orders to process`);

    // Process each order
    for (const order of orders) {
      console.log(`Processing order ${order.id}...`);

      // Prepare accounts (this is where you would fetch from your system)
      const accounts = ['user1:pass1', 'user2:pass2'];

      // Update order with accounts and mark as completed
      await updateOrder(order.id, accounts, `SUP-${order.id}`);

      console.log(`Order ${order.id} completed successfully`);
    }
  } catch (error) {
    // The guide logs the whole error, which holds the key.
    console.error('Error in workflow:', error.message);
  }
}

// Run the workflow
processOrders();
